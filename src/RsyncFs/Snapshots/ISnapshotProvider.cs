using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Snapshots;

/// <summary>A source, and the way in which it is made to stand still. One run uses it at a time, under the source's lock.</summary>
public interface ISnapshotProvider
{
    /// <summary>What a person calls the source: a path.</summary>
    string Name { get; }

    /// <summary>The devices that the source consists of: one, unless it is a group.</summary>
    SetShape Shape { get; }

    /// <summary>Bytes of the source.</summary>
    long LengthBytes => Shape.LengthBytes;

    /// <summary>True if a snapshot is kept between cycles, to ask the storage what has changed since.</summary>
    bool KeepsBase { get; }

    /// <summary>Why a list of what was written since a generation does not say all that changed; null if it does.</summary>
    string? ObstacleToLists => null;

    /// <summary>Takes a snapshot of the source as it is now.</summary>
    /// <exception cref="DeviceException">None could be had; nothing is left behind.</exception>
    ISnapshot Take();

    /// <summary>Opens a snapshot that was taken earlier and kept; null if it is not there any more, or not what it was.</summary>
    /// <exception cref="DeviceException">It is there and can not be opened.</exception>
    ISnapshot? Reopen(ChangeEvidence evidence);

    /// <summary>As <see cref="Reopen"/>, for who can do without: it may be taken back at any moment, and then reads fail.</summary>
    /// <exception cref="DeviceException">It is there and can not be opened.</exception>
    ISnapshot? Borrow(ChangeEvidence evidence) => Reopen(evidence);

    /// <summary>
    /// Where the source may have changed between two snapshots: everything that differs lies within, and some of it may
    /// be equal. Null if that can not be told; <paramref name="obstacle"/> then says why. Which of the two was taken
    /// first makes no difference.
    /// </summary>
    /// <param name="base">The evidence of one of them.</param>
    /// <param name="snapshot">The other, open.</param>
    /// <param name="obstacle">Why it can not be told.</param>
    SnapshotChanges? FindChanges(ChangeEvidence @base, ISnapshot snapshot, out string obstacle);

    /// <summary>Removes what this program has taken of the source and does not need any more: all but <paramref name="kept"/>.</summary>
    /// <returns>What could not be removed, in words for a person; empty if all is well.</returns>
    IReadOnlyList<string> RemoveAllBut(IReadOnlyCollection<ChangeEvidence> kept);
}
