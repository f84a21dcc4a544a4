using RsyncFs.Cli.Engine.Jobs;

namespace RsyncFs.Cli.Json;

/// <summary><c>loop</c>: somebody asked by a signal, and no cycle is at work on this destination.</summary>
internal sealed record WaitingEvent() : JsonEvent("waiting")
{
    /// <summary>The destination's name.</summary>
    public required string Dest { get; init; }

    /// <summary>Cycles that failed since the last that did not.</summary>
    public required int Failures { get; init; }

    /// <summary>True if its job is paused.</summary>
    public required bool Paused { get; init; }

    /// <summary>Seconds until its next cycle; missing if it is paused until somebody resumes it.</summary>
    public double? NextSeconds { get; init; }

    /// <summary>Makes the event.</summary>
    public static WaitingEvent Of(WaitingDestination there) =>
        new()
        {
            Dest = there.To.Name,
            Failures = there.FailureCount,
            Paused = there.IsPaused,
            NextSeconds = there.Left is { } left ? Math.Round(left.TotalSeconds, 1) : null,
        };
}
