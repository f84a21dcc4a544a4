namespace RsyncFs.SystemTests.Jobs.CompressedMonth;

/// <summary>What befalls the jobs. Each but the last two lasts a while; those that are there at the end of a day are mended in this order.</summary>
internal enum Trouble
{
    /// <summary>The cable is pulled, for less or for longer than the protocol waits for a peer.</summary>
    LinkDown,

    /// <summary>What is sent one way is lost.</summary>
    LostOneWay,

    /// <summary>No byte is free where a receiver has its state.</summary>
    DiskFull,

    /// <summary>kill -9 of a receiver.</summary>
    ReceiverKilled,

    /// <summary>SIGTERM to a receiver.</summary>
    ReceiverStopped,

    /// <summary>kill -9 of the loop.</summary>
    LoopKilled,

    /// <summary>SIGTERM to the loop.</summary>
    LoopStopped,

    /// <summary>The configuration is read again without a job that was there.</summary>
    JobRemoved,

    /// <summary>A target is promoted, written, and demoted again.</summary>
    TargetPromoted,

    /// <summary>A job is paused.</summary>
    JobPaused,

    /// <summary>A job, or all that goes to a receiver, is sent at the least rate.</summary>
    Limited,

    /// <summary>The configuration is read again and can not be used.</summary>
    ConfigBroken,

    /// <summary>The configuration is read again with a job that is another than before.</summary>
    JobChanged,

    /// <summary>A cycle is asked for.</summary>
    JobTriggered,
}
