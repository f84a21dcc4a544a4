using RsyncFs.Devices;

namespace RsyncFs.Snapshots;

/// <summary>
/// The snapshots of one source that cycles have open, when several are at work on it at the same time: what one of them
/// reads no other removes, and there are never more than three (C13). Safe to use from several threads.
/// </summary>
/// <param name="findBase">The one that is kept between cycles; null if none is.</param>
/// <param name="findNeeded">Those that are needed again, the base among them.</param>
public sealed class HeldSnapshots(
    Func<ChangeEvidence?> findBase,
    Func<IReadOnlyCollection<ChangeEvidence>> findNeeded
)
{
    /// <summary>The base, the one of the cycle, and the one of those that are left behind.</summary>
    public const int MaxCount = 3;

    // How often it is looked whether whoever waits was told to end.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    // A monitor: it can be waited for.
    private readonly object _gate = new();
    private readonly List<(ISnapshotProvider Source, ChangeEvidence Snapshot)> _held = [];

    // What may be there: all that was kept at the last removal, and what was opened since.
    private readonly HashSet<ChangeEvidence> _there = [];

    /// <summary>Takes a snapshot, as soon as one more may be there. For its sake one goes that is needed only to go on with an interrupted delta.</summary>
    /// <exception cref="Errors.DeviceException">None could be had; nothing is left behind.</exception>
    /// <exception cref="OperationCanceledException">There were as many as may be, until it was cancelled.</exception>
    internal ISnapshot Take(ISnapshotProvider source, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            while (!HasRoom(source))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Monitor.Wait(_gate, Pause);
            }

            return Hold(source, source.Take());
        }
    }

    /// <summary>As <see cref="ISnapshotProvider.Reopen"/>; null as well where others have one open, and it would be in the way of the next.</summary>
    internal ISnapshot? Reopen(ISnapshotProvider source, ChangeEvidence evidence)
    {
        lock (_gate)
        {
            var there = WithBase();
            var isInTheWay =
                _held.Exists(held => held.Source != source)
                && there.Count >= MaxCount - 1
                && !there.Contains(evidence);
            return !isInTheWay && source.Reopen(evidence) is { } snapshot ? Hold(source, snapshot) : null;
        }
    }

    /// <summary>As <see cref="ISnapshotProvider.FindChanges"/>; the base stays while it is asked, or is known to be gone.</summary>
    internal SnapshotChanges? FindChanges(
        ISnapshotProvider source,
        ChangeEvidence @base,
        ISnapshot snapshot,
        out string obstacle
    )
    {
        lock (_gate)
        {
            if (!_there.Contains(@base))
            {
                obstacle = "the base snapshot is not there any more";
                return null;
            }

            _held.Add((source, @base));
        }

        try
        {
            return source.FindChanges(@base, snapshot, out obstacle);
        }
        finally
        {
            Release(source, @base);
        }
    }

    /// <summary>As <see cref="ISnapshotProvider.RemoveAllBut"/>; what is open stays as well, and what is needed by now.</summary>
    internal IReadOnlyList<string> RemoveAllBut(
        ISnapshotProvider source,
        IReadOnlyCollection<ChangeEvidence> kept
    )
    {
        lock (_gate)
        {
            return Remove(source, With([.. kept, .. findNeeded()]));
        }
    }

    /// <summary>Whether one more may be taken; what nobody needs goes first, then what is needed only to go on with a delta.</summary>
    private bool HasRoom(ISnapshotProvider source)
    {
        foreach (var kept in (HashSet<ChangeEvidence>[])[With(findNeeded()), WithBase()])
        {
            if (_there.Count >= MaxCount && kept.Count < MaxCount)
            {
                Remove(source, kept);
            }
        }

        return _there.Count < MaxCount;
    }

    private IReadOnlyList<string> Remove(ISnapshotProvider source, HashSet<ChangeEvidence> kept)
    {
        var left = source.RemoveAllBut(kept);
        _there.Clear();
        _there.UnionWith(kept);
        return left;
    }

    private HashSet<ChangeEvidence> With(IEnumerable<ChangeEvidence> others) =>
        [.. _held.Select(held => held.Snapshot), .. others];

    private HashSet<ChangeEvidence> WithBase() => With(findBase() is { } @base ? [@base] : []);

    private HeldSnapshot Hold(ISnapshotProvider source, ISnapshot snapshot)
    {
        var evidence = snapshot.Evidence;
        _held.Add((source, evidence));
        _there.Add(evidence);
        return new HeldSnapshot(snapshot, () => Release(source, evidence));
    }

    private void Release(ISnapshotProvider source, ChangeEvidence evidence)
    {
        lock (_gate)
        {
            _held.Remove((source, evidence));
            Monitor.PulseAll(_gate);
        }
    }
}
