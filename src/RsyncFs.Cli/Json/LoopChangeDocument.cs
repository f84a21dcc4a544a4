namespace RsyncFs.Cli.Json;

/// <summary>What a loop answers to <see cref="ControlVerb.Trigger"/>, <see cref="ControlVerb.Pause"/>, <see cref="ControlVerb.Resume"/> and <see cref="ControlVerb.Limit"/>.</summary>
internal sealed record LoopChangeDocument : ControlDocument
{
    /// <summary>What was done: <c>triggered</c>, <c>ended</c>, <c>paused</c>, <c>resumed</c>, <c>limited</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The jobs.</summary>
    public required IReadOnlyList<string> Jobs { get; init; }

    /// <summary>The exit code of the cycles that were waited for; missing if none were.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Until when they are paused; missing if until somebody resumes them, or not at all.</summary>
    public DateTime? Until { get; init; }

    /// <summary>How fast may be sent now: a rate, <c>off</c>, or <c>auto</c> for what the configuration says; missing if that was not asked for.</summary>
    public string? Rate { get; init; }

    /// <summary>To where that is: <c>JOB/RECEIVER</c>.</summary>
    public IReadOnlyList<string>? Ways { get; init; }
}
