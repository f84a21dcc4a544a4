using RsyncFs.SystemTests.Fixtures;

namespace RsyncFs.SystemTests.Crashes;

/// <summary>What came of one round.</summary>
/// <param name="Victim">Who was killed.</param>
/// <param name="Moment">When.</param>
/// <param name="Phase">In which phase that was, as the files tell.</param>
/// <param name="IsFirstCopy">True if it was a first copy.</param>
/// <param name="WasAcknowledged">True if the sender had said success.</param>
/// <param name="RecoveryKillCount">How often the receiver was killed again while it recovered.</param>
/// <param name="Recovered">What the target was then; null if it was not looked at before the next run.</param>
/// <param name="Next">What the sender's next run did.</param>
internal sealed record KillRound(
    Victim Victim,
    Moment Moment,
    string Phase,
    bool IsFirstCopy,
    bool WasAcknowledged,
    int RecoveryKillCount,
    Held? Recovered,
    RunSummary Next
)
{
    /// <summary>True if the next run went on where the other had ended.</summary>
    public bool IsResumed => Next.IsResumed;
}
