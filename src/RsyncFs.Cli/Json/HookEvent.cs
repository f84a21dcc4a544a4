namespace RsyncFs.Cli.Json;

/// <summary>A hook said something.</summary>
internal sealed record HookEvent() : JsonEvent("hook")
{
    /// <summary>The destination, of a cycle of a job: those of one job have theirs at the same time. Null if there is but one run.</summary>
    public string? Dest { get; init; }

    /// <summary>What people call it.</summary>
    public required string Hook { get; init; }

    /// <summary>A line of it.</summary>
    public required string Line { get; init; }

    /// <summary>True if it came on its standard error.</summary>
    public required bool IsError { get; init; }
}
