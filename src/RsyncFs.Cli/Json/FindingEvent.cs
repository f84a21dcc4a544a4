using RsyncFs.Cli.Engine.Doctor;

namespace RsyncFs.Cli.Json;

/// <summary>Something that <c>doctor</c> found.</summary>
internal sealed record FindingEvent() : JsonEvent("finding")
{
    /// <summary><c>note</c>, <c>warning</c> or <c>error</c>.</summary>
    public required string Level { get; init; }

    /// <summary>Its class, in kebab case.</summary>
    public required string Id { get; init; }

    /// <summary>The volume, pool, target or directory.</summary>
    public required string Where { get; init; }

    /// <summary>What is the matter with it.</summary>
    public required string Message { get; init; }

    /// <summary>What to type, or to do.</summary>
    public string? Hint { get; init; }

    /// <summary>True if <c>--fix</c> mends it.</summary>
    public required bool Fixable { get; init; }

    /// <summary>True if it was mended in this run.</summary>
    public required bool Fixed { get; init; }

    /// <summary>Makes the event.</summary>
    public static FindingEvent Of(Finding finding) =>
        new()
        {
            Level = finding.Level.ToString().ToLowerInvariant(),
            Id = finding.Id,
            Where = finding.Where,
            Message = finding.Message,
            Hint = finding.Hint,
            Fixable = finding.IsFixable,
            Fixed = finding.IsFixed,
        };
}
