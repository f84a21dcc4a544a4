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
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _allAreHere = new();
    private readonly List<OpenSnapshot> _open = [];
    private readonly List<(
        ChangeEvidence Earlier,
        ChangeEvidence Later,
        SnapshotChanges? Found,
        string Obstacle
    )> _asked = [];
    private int _expected = destinationCount;
    private OpenSnapshot? _taken;
    private ExceptionDispatchInfo? _failure;

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

    /// <inheritdoc/>
    /// <remarks>The first who comes waits for the others a little, so that they read in step. Who comes late gets the same snapshot.</remarks>
    /// <exception cref="RsyncFsException">None could be had: all are told the same, for it is tried once.</exception>
    public ISnapshot Take()
    {
        Leave();
        _allAreHere.Task.Wait(patience);
        lock (_gate)
        {
            _failure?.Throw();
            try
            {
                _taken ??= Open(inner.Take(), newId());
            }
            catch (Exception failure)
            {
                // Whatever it was: what was done about the snapshot is undone by now, and not done again.
                _failure = ExceptionDispatchInfo.Capture(failure);
                throw;
            }

            return new SharedSnapshot(_taken);
        }
    }

    /// <inheritdoc/>
    public ISnapshot? Reopen(ChangeEvidence evidence)
    {
        lock (_gate)
        {
            var known = _open.Find(snapshot => snapshot.Inner.Evidence == evidence);
            if (known is null && inner.Reopen(evidence) is { } reopened)
            {
                known = Open(reopened, generation: null);
            }

            return known is null ? null : new SharedSnapshot(known);
        }
    }

    /// <inheritdoc/>
    public SnapshotChanges? FindChanges(ChangeEvidence earlier, ISnapshot later, out string obstacle)
    {
        lock (_gate)
        {
            var index = _asked.FindIndex(asked => asked.Earlier == earlier && asked.Later == later.Evidence);
            if (index < 0)
            {
                var found = inner.FindChanges(earlier, SharedSnapshot.Unwrap(later), out var why);
                index = _asked.Count;
                _asked.Add((earlier, later.Evidence, found, why));
            }

            obstacle = _asked[index].Obstacle;
            return _asked[index].Found;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> RemoveAllBut(IReadOnlyCollection<ChangeEvidence> kept)
    {
        lock (_gate)
        {
            return inner.RemoveAllBut([.. kept, .. _open.Select(snapshot => snapshot.Inner.Evidence)]);
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

    private OpenSnapshot Open(ISnapshot snapshot, Guid? generation)
    {
        var opened = new OpenSnapshot(snapshot, generation);
        _open.Add(opened);
        return opened;
    }
}
