using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Snapshots;

namespace RsyncFs.Linux.Lvm;

/// <summary>The snapshots of one volume of a group.</summary>
internal interface IVolumeSnapshots
{
    /// <summary>What a person calls the volume.</summary>
    string Name { get; }

    /// <summary>The volume, as LVM knows it.</summary>
    LogicalVolume Volume { get; }

    /// <summary>Does all that can be done before its writers are held.</summary>
    /// <param name="name">What the snapshot will be called.</param>
    /// <exception cref="DeviceException">None can be taken. Nothing was changed.</exception>
    IPendingSnapshot Prepare(string name);

    /// <summary>True if a snapshot that was kept of it was found to have run full, and is gone.</summary>
    bool HasRunFull { get; }

    /// <summary>Gives up the snapshots that are kept of the volume, for the space that they take of its group; they only save reading.</summary>
    /// <returns>False if there are none, or they take no such space.</returns>
    bool GiveUpKept();

    /// <summary>The snapshots that are there and were taken for this source: name, and evidence.</summary>
    /// <exception cref="DeviceException">They can not be listed.</exception>
    IReadOnlyList<(string Name, ChangeEvidence Evidence)> List();

    /// <inheritdoc cref="ISnapshotProvider.Reopen"/>
    ISnapshot? Reopen(ChangeEvidence evidence);

    /// <inheritdoc cref="ISnapshotProvider.FindChanges"/>
    SnapshotChanges? FindChanges(ChangeEvidence @base, ISnapshot snapshot, out string obstacle);

    /// <inheritdoc cref="ISnapshotProvider.RemoveAllBut"/>
    IReadOnlyList<string> RemoveAllBut(IReadOnlyCollection<ChangeEvidence> kept);
}
