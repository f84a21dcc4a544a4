namespace RsyncFs.Cli.Json;

/// <summary>What a person should look at, though the run goes on.</summary>
internal sealed record WarningEvent() : JsonEvent("warning")
{
    /// <summary>The destination, of a cycle of a job: those of one job have theirs at the same time. Null if there is but one run.</summary>
    public string? Dest { get; init; }

    /// <summary>In words.</summary>
    public required string Message { get; init; }
}
