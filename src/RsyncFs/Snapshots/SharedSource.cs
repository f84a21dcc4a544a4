using System.Runtime.ExceptionServices;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Snapshots;

/// <summary>
/// One source for the cycles of several destinations at the same time: they get one snapshot of it, what changed is
/// asked once, and what one of them has read and hashed the others take over. Each has its own plan and fate; none waits
/// for another longer than <paramref name="patience"/>, and that before the snapshot only. Safe to use from several threads.
/// </summary>
/// <param name="inner">The source. Used by one thread at a time.</param>
/// <param name="destinationCount">So many cycles are to be waited for before the snapshot is taken.</param>
/// <param name="patience">No longer than this after the first of them.</param>
/// <param name="newId">Makes a generation's id.</param>
/// <remarks>Disposing it closes the snapshots; what the cycles have of them ends before.</remarks>
public sealed class SharedSource(
    ISnapshotProvider inner,
    int destinationCount,
    TimeSpan patience,
    Func<Guid> newId
) : ISnapshotProvider, IDisposable
{
    // Held while the source is used, which may take long; and for a moment, for what is known here. The first may be held
    // when the second is taken, never the other way round: a snapshot is closed though another is waited for.
    private readonly Lock _using = new();
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _allAreHere = new();
    private readonly List<OpenSnapshot> _open = [];
    private readonly List<LentSnapshot> _lent = [];
    private readonly List<(
        ChangeEvidence Base,
        ChangeEvidence Snapshot,
        SnapshotChanges? Found,
        string Obstacle
    )> _asked = [];
    private readonly bool _isReadByOthers = destinationCount > 1;
    private int _expected = destinationCount;
    private OpenSnapshot? _taken;
    private ExceptionDispatchInfo? _failure;
    private bool _isLeftBehind;

    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public SetShape Shape => inner.Shape;

    /// <inheritdoc/>
    public bool KeepsBase => inner.KeepsBase;

    /// <inheritdoc/>
    public string? ObstacleToLists => inner.ObstacleToLists;

    /// <summary>Says that a cycle ended, or will take no snapshot: nobody waits for it any more.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _expected) <= 0)
        {
            _allAreHere.TrySetResult();
        }
    }

    /// <summary>
    /// Says that others go on, though not all of these cycles have ended: from now on a snapshot that none of them reads
    /// is closed, and what was lent is taken back, so that those who are late keep no more than one (C13). Who comes only
    /// now gets what another still reads, or a new one.
    /// </summary>
    public void LeaveBehind()
    {
        lock (_gate)
        {
            _isLeftBehind = true;
            _lent.ForEach(lent => lent.TakeBack());
            _lent.Clear();
            CloseUnread();
        }
    }

    /// <inheritdoc/>
    /// <remarks>The first who comes waits for the others a little, so that they read in step. Who comes late gets the same snapshot.</remarks>
    /// <exception cref="RsyncFsException">None could be had: all are told the same, for it is tried once.</exception>
    public ISnapshot Take()
    {
        Leave();
        _allAreHere.Task.Wait(patience);
        lock (_using)
        {
            _failure?.Throw();
            try
            {
                return Known(_ => _taken) ?? Open(inner.Take(), newId());
            }
            catch (Exception failure)
            {
                // Whatever it was: what was done about the snapshot is undone by now, and not done again.
                _failure = ExceptionDispatchInfo.Capture(failure);
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public ISnapshot? Reopen(ChangeEvidence evidence)
    {
        lock (_using)
        {
            return Known(open => open.Find(snapshot => snapshot.Inner.Evidence == evidence))
                ?? (inner.Reopen(evidence) is { } reopened ? Open(reopened, generation: null) : null);
        }
    }

    /// <inheritdoc/>
    public ISnapshot? Borrow(ChangeEvidence evidence)
    {
        if (Reopen(evidence) is not { } snapshot)
        {
            return null;
        }

        var lent = new LentSnapshot(snapshot);
        lock (_gate)
        {
            if (!_isLeftBehind)
            {
                _lent.Add(lent);
                return lent;
            }
        }

        lent.TakeBack();
        return null;
    }

    /// <inheritdoc/>
    public SnapshotChanges? FindChanges(ChangeEvidence @base, ISnapshot snapshot, out string obstacle)
    {
        lock (_using)
        {
            var index = _asked.FindIndex(asked => asked.Base == @base && asked.Snapshot == snapshot.Evidence);
            if (index < 0)
            {
                var found = inner.FindChanges(@base, SharedSnapshot.Unwrap(snapshot), out var why);
                index = _asked.Count;
                _asked.Add((@base, snapshot.Evidence, found, why));
            }

            obstacle = _asked[index].Obstacle;
            return _asked[index].Found;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> RemoveAllBut(IReadOnlyCollection<ChangeEvidence> kept)
    {
        lock (_using)
        {
            return inner.RemoveAllBut([.. kept, .. EvidenceOfOpen()]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _open.ForEach(snapshot => snapshot.Inner.Dispose());
            _open.Clear();
            _taken = null;
        }
    }

    /// <summary>One that is open already.</summary>
    private SharedSnapshot? Known(Func<List<OpenSnapshot>, OpenSnapshot?> find)
    {
        lock (_gate)
        {
            return find(_open) is { } known ? Share(known) : null;
        }
    }

    /// <summary>One that was opened just now; of the one that was taken, the generation is said.</summary>
    private SharedSnapshot Open(ISnapshot snapshot, Guid? generation)
    {
        lock (_gate)
        {
            var opened = new OpenSnapshot(snapshot, generation, _isReadByOthers);
            _open.Add(opened);
            _taken = generation is null ? _taken : opened;
            return Share(opened);
        }
    }

    private SharedSnapshot Share(OpenSnapshot snapshot)
    {
        snapshot.ReaderCount++;
        return new SharedSnapshot(snapshot, () => EndReading(snapshot));
    }

    private void EndReading(OpenSnapshot snapshot)
    {
        lock (_gate)
        {
            snapshot.ReaderCount--;
            CloseUnread();
        }
    }

    /// <summary>As long as the cycles go together all stay open: who comes next needs them, too.</summary>
    private void CloseUnread()
    {
        foreach (var unread in _isLeftBehind ? _open.FindAll(snapshot => snapshot.ReaderCount == 0) : [])
        {
            _open.Remove(unread);
            _taken = unread == _taken ? null : _taken;
            unread.Inner.Dispose();
        }
    }

    private List<ChangeEvidence> EvidenceOfOpen()
    {
        lock (_gate)
        {
            return [.. _open.Select(snapshot => snapshot.Inner.Evidence)];
        }
    }
}
