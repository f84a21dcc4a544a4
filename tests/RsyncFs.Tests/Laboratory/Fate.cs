namespace RsyncFs.Tests.Laboratory;

/// <summary>What becomes of a call to a simulated device or directory.</summary>
internal enum Fate
{
    /// <summary>It does what it promises.</summary>
    Succeeds,

    /// <summary>It does a part, and throws.</summary>
    FailsHalfway,

    /// <summary>It does a part, and throws for want of room.</summary>
    FindsNoRoom,

    /// <summary>It throws: the machine is down.</summary>
    NeverStarts,

    /// <summary>It says that it is done, and did nothing: the disk lost the write.</summary>
    IsLost,

    /// <summary>It says that it is done, and wrote elsewhere: the disk misdirected the write.</summary>
    GoesAstray,
}
