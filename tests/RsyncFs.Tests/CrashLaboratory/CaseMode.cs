namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>What goes wrong in a case.</summary>
internal enum CaseMode
{
    /// <summary>Crashes, at every operation.</summary>
    Crash,

    /// <summary>An I/O error at the n-th call, for every n; then crashes, and success.</summary>
    Io,

    /// <summary>No room at the n-th call, for every n.</summary>
    NoRoom,

    /// <summary>No room from the n-th call on, for every n, until somebody makes some.</summary>
    NoRoomFromHere,

    /// <summary>The n-th write to journal or map is lost without a word.</summary>
    LostWrite,

    /// <summary>The n-th write to journal or map goes astray without a word.</summary>
    StrayWrite,
}
