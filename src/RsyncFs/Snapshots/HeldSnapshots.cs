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
    private readonly List<ChangeEvidence> _held = [];

    // Open, kept since the last removal, or taken since.
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

            return Hold(source.Take());
        }
    }

    /// <summary>As <see cref="ISnapshotProvider.Reopen"/>.</summary>
    internal ISnapshot? Reopen(ISnapshotProvider source, ChangeEvidence evidence)
    {
        lock (_gate)
        {
            return source.Reopen(evidence) is { } snapshot ? Hold(snapshot) : null;
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
        _there.IntersectWith(kept);
        return left;
    }

    private HashSet<ChangeEvidence> With(IEnumerable<ChangeEvidence> others) => [.. _held, .. others];

    private HashSet<ChangeEvidence> WithBase() => With(findBase() is { } @base ? [@base] : []);

    private HeldSnapshot Hold(ISnapshot snapshot)
    {
        var evidence = snapshot.Evidence;
        _held.Add(evidence);
        _there.Add(evidence);
        return new HeldSnapshot(snapshot, () => Release(evidence));
    }

    private void Release(ChangeEvidence evidence)
    {
        lock (_gate)
        {
            _held.Remove(evidence);
            Monitor.PulseAll(_gate);
        }
    }
}
