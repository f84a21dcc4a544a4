namespace RsyncFs.SystemTests.Crashes;

/// <summary>When somebody is killed: after a random time, or a little after something was seen.</summary>
internal enum Moment
{
    /// <summary>At any time from the start of the sender to a little after its end.</summary>
    Anytime,

    /// <summary>There is a journal.</summary>
    Staging,

    /// <summary>The sender was told that a part of the delta is durable: the next run can go on from there.</summary>
    Checkpoint,

    /// <summary>The state says that the new generation is committed.</summary>
    Committed,

    /// <summary>The first sectors are on the target.</summary>
    Applying,

    /// <summary>The state says that the target is the new generation.</summary>
    Settled,
}
