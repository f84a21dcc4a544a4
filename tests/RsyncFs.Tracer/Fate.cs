namespace RsyncFs.Tracer;

/// <summary>What becomes of a call.</summary>
internal enum Fate
{
    /// <summary>It is made.</summary>
    Pass,

    /// <summary>The process is killed instead of it.</summary>
    Kill,

    /// <summary>The first half of a write is made, then the process is killed.</summary>
    Tear,

    /// <summary>It is not made and fails with an error number.</summary>
    Fail,

    /// <summary>It waits, and with it its thread, until standard input says <c>go</c>.</summary>
    Hold,
}
