namespace RsyncFs.Tests.Laboratory;

/// <summary>How a call is to fail.</summary>
public enum FaultKind
{
    /// <summary>An I/O error: a part is done. A flush has lost something.</summary>
    Io,

    /// <summary>No room (ENOSPC), if the call is one that takes some in the state directory; else it succeeds.</summary>
    NoRoom,

    /// <summary>No room for this and all later calls, until <see cref="Faults.Restart"/>.</summary>
    NoRoomFromHere,

    /// <summary>The power goes: nothing works until <see cref="Faults.Restart"/>.</summary>
    Power,

    /// <summary>A write that is reported as done and was not, if the call is a write; else it succeeds.</summary>
    LostWrite,

    /// <summary>A write that is reported as done and went to another place, if the call is a write; else it succeeds.</summary>
    StrayWrite,
}
