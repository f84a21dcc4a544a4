namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>When, in a session, somebody else writes to the device.</summary>
internal enum Disturbance
{
    None,

    /// <summary>When all is staged, and nothing committed.</summary>
    BeforeCommit,

    /// <summary>Behind the commit point.</summary>
    BeforeApply,
}
