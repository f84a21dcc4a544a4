using RsyncFs.Devices;

namespace RsyncFs.Sources;

/// <summary>
/// The generations that cycles are bringing destinations to at this moment, and of which snapshots they are. One of them
/// may take so long that those of others move the base on several times: what changes since must be known when it ends.
/// Safe to use from several threads.
/// </summary>
internal sealed class BegunGenerations
{
    private readonly Lock _gate = new();
    private readonly List<(Guid Generation, ChangeEvidence Snapshot)> _begun = [];

    /// <summary>Those that are on their way; one as often as cycles are at work on it.</summary>
    public IReadOnlyList<Guid> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _begun.Select(begun => begun.Generation)];
            }
        }
    }

    /// <summary>True if <paramref name="generation"/> is on its way, and is what one of two snapshots is.</summary>
    public bool IsOf(Guid generation, ChangeEvidence one, ChangeEvidence other)
    {
        lock (_gate)
        {
            return _begun.Contains((generation, one)) || _begun.Contains((generation, other));
        }
    }

    /// <summary>A cycle begins.</summary>
    public void Add(Guid generation, ChangeEvidence snapshot)
    {
        lock (_gate)
        {
            _begun.Add((generation, snapshot));
        }
    }

    /// <summary>It ended, whatever became of it.</summary>
    public void Remove(Guid generation, ChangeEvidence snapshot)
    {
        lock (_gate)
        {
            _begun.Remove((generation, snapshot));
        }
    }
}
