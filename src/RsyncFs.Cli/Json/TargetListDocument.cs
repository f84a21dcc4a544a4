namespace RsyncFs.Cli.Json;

/// <summary>All targets of a state directory.</summary>
internal sealed record TargetListDocument : ControlDocument
{
    /// <summary>The state directory.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Them, by name; local destinations last.</summary>
    public required IReadOnlyList<TargetEntry> Targets { get; init; }
}
