namespace RsyncFs.Cli.Json;

/// <summary>A phase of a run begins.</summary>
internal sealed record PhaseEvent() : JsonEvent("phase")
{
    /// <summary>Its name.</summary>
    public required string Phase { get; init; }

    /// <summary>Seconds since the run began.</summary>
    public required double Seconds { get; init; }
}
