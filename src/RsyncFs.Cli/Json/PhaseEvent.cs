namespace RsyncFs.Cli.Json;

/// <summary>A phase of a run begins.</summary>
internal sealed record PhaseEvent() : JsonEvent("phase")
{
    /// <summary>The destination, of a cycle of a job: those of one job have theirs at the same time. Null if there is but one run.</summary>
    public string? Dest { get; init; }

    /// <summary>Its name.</summary>
    public required string Phase { get; init; }

    /// <summary>Seconds since the run began.</summary>
    public required double Seconds { get; init; }
}
