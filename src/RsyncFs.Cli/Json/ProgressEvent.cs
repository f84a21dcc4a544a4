using RsyncFs.Cli.Output;

namespace RsyncFs.Cli.Json;

/// <summary>Where a run is.</summary>
internal sealed record ProgressEvent() : JsonEvent("progress")
{
    /// <summary>The destination, of a cycle of a job: those of one job have theirs at the same time. Null if there is but one run.</summary>
    public string? Dest { get; init; }

    /// <summary>The running phase.</summary>
    public required string Phase { get; init; }

    /// <summary>Bytes of the device that the phase is done with.</summary>
    public required long Done { get; init; }

    /// <summary>Bytes of the device that the phase is about.</summary>
    public required long Total { get; init; }

    /// <summary>Bytes found changed so far.</summary>
    public required long Changed { get; init; }

    /// <summary>Bytes put on the connection so far.</summary>
    public required long Sent { get; init; }

    /// <summary>Seconds until the phase is done at its present rate; missing while not known.</summary>
    public double? EtaSeconds { get; init; }

    /// <summary>Makes the event.</summary>
    public static ProgressEvent Of(CycleProgress progress, ProgressRate rate) =>
        new()
        {
            Phase = progress.Phase,
            Done = progress.DoneBytes,
            Total = progress.TotalBytes,
            Changed = progress.ChangedBytes,
            Sent = progress.SentBytes,
            EtaSeconds = rate.Remaining is { } remaining ? Math.Round(remaining.TotalSeconds, 1) : null,
        };
}
