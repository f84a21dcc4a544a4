using RsyncFs.Snapshots;

namespace RsyncFs.Linux.Lvm;

/// <summary>A snapshot that is about to be taken.</summary>
internal interface IPendingSnapshot
{
    /// <summary>Takes it. The writers may be held meanwhile; of a thin volume that LVM is to snapshot they must not be.</summary>
    /// <exception cref="Errors.DeviceException">It could not be taken.</exception>
    void Take();

    /// <summary>Opens what was taken.</summary>
    /// <exception cref="Errors.DeviceException">It is not there.</exception>
    ISnapshot Open(DateTimeOffset takenAt);

    /// <summary>Removes it, if it was taken; what can not be removed stays for the next sweep.</summary>
    void Undo();
}
