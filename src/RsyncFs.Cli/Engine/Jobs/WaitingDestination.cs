using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Output;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>A destination that no cycle is at work on.</summary>
/// <param name="Job">The job.</param>
/// <param name="To">The destination.</param>
/// <param name="FailureCount">Cycles that failed since the last that did not.</param>
/// <param name="Left">Time until its next cycle, nothing if it waits for its turn; null if it is paused until somebody resumes it.</param>
/// <param name="IsPaused">True if it is paused.</param>
internal sealed record WaitingDestination(
    Job Job,
    JobDestination To,
    int FailureCount,
    TimeSpan? Left,
    bool IsPaused
)
{
    /// <summary>In words, without its name.</summary>
    public override string ToString()
    {
        var failed =
            FailureCount == 0 ? ""
            : FailureCount == 1 ? "failed once; "
            : $"failed {FailureCount} times; ";
        var next =
            Left is not { } left ? "paused until somebody resumes it"
            : IsPaused ? $"paused for another {DurationText.Of(left)}"
            : left > TimeSpan.Zero ? $"next cycle in {DurationText.Of(left)}"
            : "waits for its turn";
        return failed + next;
    }
}
