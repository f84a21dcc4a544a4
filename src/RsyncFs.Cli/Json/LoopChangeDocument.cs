namespace RsyncFs.Cli.Json;

/// <summary>What a loop answers to <see cref="ControlVerb.Trigger"/>, <see cref="ControlVerb.Pause"/> and <see cref="ControlVerb.Resume"/>.</summary>
internal sealed record LoopChangeDocument : ControlDocument
{
    /// <summary>What was done: <c>triggered</c>, <c>ended</c>, <c>paused</c>, <c>resumed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The jobs.</summary>
    public required IReadOnlyList<string> Jobs { get; init; }

    /// <summary>The exit code of the cycles that were waited for; missing if none were.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Until when they are paused; missing if until somebody resumes them, or not at all.</summary>
    public DateTime? Until { get; init; }
}
