using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Snapshots;
using RsyncFs.Sources;

namespace RsyncFs;

/// <summary>What the storage says of the changes between the base snapshot and that of this cycle; it is asked once.</summary>
/// <param name="source">The source.</param>
/// <param name="snapshot">Its snapshot of this cycle.</param>
/// <param name="state">What is known of it and of the destination.</param>
internal sealed class BaseChanges(ISnapshotProvider source, ISnapshot snapshot, DestinationState state)
{
    /// <summary>The snapshot that was kept when the cycle began; null if there was none. The cycle of another destination may move it meanwhile.</summary>
    public BaseSnapshot? From { get; } = state.Source.Base;

    private SnapshotChanges? _found;
    private string _obstacle = "";
    private bool _isAsked;

    /// <summary>What changed; null if nobody can tell.</summary>
    /// <param name="obstacle">Why nobody can tell.</param>
    public SnapshotChanges? Find(out string obstacle)
    {
        if (!_isAsked)
        {
            _found = Ask(out _obstacle);
            _isAsked = true;
        }

        obstacle = _obstacle;
        return _found;
    }

    /// <summary>The blocks that changed, for the unions of the other destinations (C6); null if nobody can tell, or nobody needs to know.</summary>
    public BlockSet? FindForOthers(BlockLayout layout)
    {
        if (!state.HasOthers)
        {
            return null;
        }

        try
        {
            return Find(out _) is { } changes
                ? new BlockSet(layout.BlockCount).With(changes.Extents, layout)
                : null;
        }
        catch (DeviceException)
        {
            // This destination is served without it. The others find no union, and are served by their digests.
            return null;
        }
    }

    private SnapshotChanges? Ask(out string obstacle)
    {
        obstacle =
            !source.KeepsBase ? "no base snapshot is kept of this source"
            : From is null ? "no base snapshot was kept"
            : "";
        if (obstacle.Length > 0)
        {
            return null;
        }

        var kept = From!.Evidence;
        if (kept == snapshot.Evidence)
        {
            // Another destination's cycle has just made it the base.
            return new SnapshotChanges([], "the base snapshot itself", MetadataBytesRead: 0);
        }

        // The snapshot may be the older of the two: that of an interrupted delta, or of a cycle that takes longer than
        // the next ones of other destinations.
        return source.FindChanges(kept, snapshot, out obstacle);
    }
}
