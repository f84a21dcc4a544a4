namespace RsyncFs.Tests.Laboratory;

/// <summary>What becomes of a call to a simulated device or directory.</summary>
internal enum Fate
{
    /// <summary>It does what it promises.</summary>
    Succeeds,

    /// <summary>It does a part, and throws.</summary>
    FailsHalfway,

    /// <summary>It throws: the machine is down.</summary>
    NeverStarts,
}
