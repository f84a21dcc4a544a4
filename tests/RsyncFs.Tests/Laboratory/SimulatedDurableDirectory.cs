using RsyncFs.Errors;
using RsyncFs.State;

namespace RsyncFs.Tests.Laboratory;

/// <summary>
/// A directory on a file system that keeps only what it must: after a crash, of the creations, renames and removals
/// since the last flush of the directory any may be lost, each on its own and in any combination; a file that is
/// there has of its own unflushed bytes whatever <see cref="VolatileBytes"/> leaves. A rename happens or does not.
/// </summary>
public sealed class SimulatedDurableDirectory : IDurableDirectory
{
    private readonly Faults _faults;
    private readonly Chance _chance;
    private readonly DiskSpace _space;
    private readonly SimulatedDurableDirectory? _parent;
    private List<(string Name, object? Node)[]> _unflushed = [];
    private long _durableVersion;
    private Dictionary<string, object> _live = new(StringComparer.Ordinal);
    private Dictionary<string, object> _durable = new(StringComparer.Ordinal);

    /// <summary>An empty directory. <paramref name="seed"/> decides what a call that fails leaves behind.</summary>
    public SimulatedDurableDirectory(Faults? faults = null, int seed = 1, string name = "simulated")
        : this(faults ?? new Faults(), new Chance((ulong)seed), new DiskSpace(), parent: null, name) { }

    private SimulatedDurableDirectory(
        Faults faults,
        Chance chance,
        DiskSpace space,
        SimulatedDurableDirectory? parent,
        string name
    )
    {
        _faults = faults;
        _chance = chance;
        _space = space;
        _parent = parent;
        Name = name;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public long FreeBytes
    {
        get
        {
            lock (_faults.Gate)
            {
                return Math.Max(0, _space.CapacityBytes - UsedBytes());
            }
        }
        set
        {
            lock (_faults.Gate)
            {
                _space.CapacityBytes = UsedBytes() + value;
            }
        }
    }

    /// <summary>What decides which calls fail.</summary>
    public Faults Faults => _faults;

    /// <summary>
    /// The power goes and comes back, for this directory and all below: <paramref name="seed"/> decides what
    /// survives. Files and directories opened before are to be forgotten; this object stays good.
    /// </summary>
    public void Crash(int seed) => Crash(new Chance((ulong)seed));

    /// <inheritdoc/>
    public IReadOnlyList<string> List()
    {
        lock (_faults.Gate)
        {
            BeginOrThrow(OperationKind.List, "");
            return [.. _live.Keys.Order(StringComparer.Ordinal)];
        }
    }

    /// <inheritdoc/>
    public bool Exists(string name)
    {
        lock (_faults.Gate)
        {
            return BytesOf(name) is not null;
        }
    }

    /// <inheritdoc/>
    public IDurableFile Open(string name)
    {
        lock (_faults.Gate)
        {
            BeginOrThrow(OperationKind.Open, name);
            return Handle(name, BytesOf(name) ?? throw Missing(name));
        }
    }

    /// <inheritdoc/>
    public IDurableFile Create(string name)
    {
        lock (_faults.Gate)
        {
            var fate = Begin(OperationKind.Create, name);
            if (fate == Fate.NeverStarts)
            {
                throw Error(fate, OperationKind.Create, name);
            }

            if (_live.ContainsKey(name))
            {
                (BytesOf(name) ?? throw Missing(name)).SetLength(0);
            }
            else if (fate == Fate.Succeeds || _chance.OneIn(2))
            {
                Apply([(name, new VolatileBytes(0))]);
            }

            return fate == Fate.Succeeds
                ? Handle(name, BytesOf(name)!)
                : throw Error(fate, OperationKind.Create, name);
        }
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        lock (_faults.Gate)
        {
            // The promise is that of a failed rename(2): both names are as they were.
            BeginOrThrow(OperationKind.Rename, from, to);
            var node = _live.GetValueOrDefault(from) ?? throw Missing(from);
            if (!string.Equals(from, to, StringComparison.Ordinal))
            {
                Apply([(from, null), (to, node)]);
            }
        }
    }

    /// <inheritdoc/>
    public void Delete(string name)
    {
        lock (_faults.Gate)
        {
            BeginOrThrow(OperationKind.Delete, name);
            if (_live.ContainsKey(name))
            {
                Apply([(name, null)]);
            }
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        lock (_faults.Gate)
        {
            // One that fails has done nothing: a file system whose own journal fails takes no more, and keeps no less.
            BeginOrThrow(OperationKind.DirectoryFlush, "");
            _durable = new Dictionary<string, object>(_live, StringComparer.Ordinal);
            _unflushed.Clear();
            _durableVersion++;
        }
    }

    /// <inheritdoc/>
    public IDurableDirectory OpenDirectory(string name)
    {
        lock (_faults.Gate)
        {
            BeginOrThrow(OperationKind.MakeDirectory, name);
            if (!_live.TryGetValue(name, out var node))
            {
                node = new SimulatedDurableDirectory(_faults, _chance, _space, this, PathOf(name));
                Apply([(name, node)]);
            }

            return node as SimulatedDurableDirectory ?? throw Missing(name);
        }
    }

    /// <inheritdoc cref="Crash(int)"/>
    internal void Crash(Chance chance)
    {
        lock (_faults.Gate)
        {
            Settle(chance);
        }
    }

    /// <summary>The names in it now, without a call that could fail.</summary>
    internal IReadOnlyCollection<string> Names => _live.Keys;

    /// <summary>Another number whenever something in it became durable, or was lost.</summary>
    internal long DurableVersion =>
        (_durableVersion << 32) + _durable.Values.OfType<VolatileBytes>().Sum(bytes => bytes.DurableVersion);

    /// <summary>The bytes of a file, cache and all; null if there is none of that name.</summary>
    internal VolatileBytes? BytesOf(string name) => _live.GetValueOrDefault(name) as VolatileBytes;

    /// <summary>An equal directory, caches and all below it, in a machine of its own.</summary>
    internal SimulatedDurableDirectory CopyTo(Faults faults)
    {
        lock (_faults.Gate)
        {
            var space = new DiskSpace { CapacityBytes = _space.CapacityBytes };
            var copies = new Dictionary<object, object>(ReferenceEqualityComparer.Instance);
            return Copy(faults, _chance.Copy(), space, parent: null, copies);
        }
    }

    /// <summary>Only what is certain to be there after a crash at this moment.</summary>
    internal SimulatedDurableDirectory DurableCopy()
    {
        var copy = CopyTo(new Faults());
        copy.Settle(chance: null);
        return copy;
    }

    private SimulatedDurableDirectory Copy(
        Faults faults,
        Chance chance,
        DiskSpace space,
        SimulatedDurableDirectory? parent,
        Dictionary<object, object> copies
    )
    {
        var copy = new SimulatedDurableDirectory(faults, chance, space, parent, Name);
        copy._live = CopyAll(_live);
        copy._durable = _unflushed.Count == 0 ? new(copy._live, StringComparer.Ordinal) : CopyAll(_durable);
        copy._unflushed =
        [
            .. _unflushed.Select(change =>
                Array.ConvertAll(change, one => (one.Name, one.Node is null ? null : CopyOf(one.Node)))
            ),
        ];
        return copy;

        Dictionary<string, object> CopyAll(Dictionary<string, object> names)
        {
            var all = new Dictionary<string, object>(names.Count, StringComparer.Ordinal);
            foreach (var (name, node) in names)
            {
                all[name] = CopyOf(node);
            }

            return all;
        }

        object CopyOf(object node)
        {
            if (!copies.TryGetValue(node, out var known))
            {
                known = node is VolatileBytes bytes
                    ? bytes.Copy()
                    : ((SimulatedDurableDirectory)node).Copy(faults, chance, space, copy, copies);
                copies[node] = known;
            }

            return known;
        }
    }

    /// <summary>Names and bytes are from now on what is on the disk: the durable, and of the rest what chance lets through.</summary>
    private void Settle(Chance? chance)
    {
        if (chance is not null)
        {
            var losses = new Losses(chance, _unflushed.Count);
            for (var i = 0; i < _unflushed.Count; i++)
            {
                if (!losses.Takes(i, _unflushed[i]))
                {
                    Apply(_durable, _unflushed[i]);
                }
            }
        }

        _unflushed.Clear();
        _durableVersion++;
        _live = new Dictionary<string, object>(_durable, StringComparer.Ordinal);
        // If a rename was lost and a later one of the same file was not, the file has two names.
        foreach (var node in _live.Values.Distinct())
        {
            (node as VolatileBytes)?.Settle(chance);
            (node as SimulatedDurableDirectory)?.Settle(chance);
        }
    }

    private void Apply((string Name, object? Node)[] change)
    {
        _unflushed.Add(change);
        Apply(_live, change);
    }

    private static void Apply(Dictionary<string, object> names, (string Name, object? Node)[] change)
    {
        foreach (var (name, node) in change)
        {
            if (node is null)
            {
                names.Remove(name);
            }
            else
            {
                names[name] = node;
            }
        }
    }

    private long UsedBytes()
    {
        var root = this;
        while (root._parent is { } above)
        {
            root = above;
        }

        return root.UsedBelow();
    }

    private long UsedBelow() =>
        _live
            .Values.Distinct()
            .Sum(node =>
                node is VolatileBytes bytes ? bytes.UsedBytes : ((SimulatedDurableDirectory)node).UsedBelow()
            );

    private SimulatedDurableFile Handle(string name, VolatileBytes bytes) =>
        new(bytes, this, _chance, PathOf(name));

    private Fate Begin(OperationKind kind, string name, string newName = "") =>
        _faults.Next(
            new Operation
            {
                Kind = kind,
                Where = Name,
                Name = name,
                NewName = newName,
                TakesRoom =
                    kind is OperationKind.Create or OperationKind.Rename or OperationKind.MakeDirectory,
            }
        );

    private void BeginOrThrow(OperationKind kind, string name, string newName = "")
    {
        if (Begin(kind, name, newName) is var fate and not Fate.Succeeds)
        {
            throw Error(fate, kind, name);
        }
    }

    private StateException Error(Fate fate, OperationKind kind, string name) =>
        _faults.StateError(fate, kind.ToString(), name.Length == 0 ? Name : PathOf(name));

    private StateException Missing(string name) =>
        new(ErrorId.StateIo, "no such state file") { Where = PathOf(name) };

    private string PathOf(string name) => $"{Name}/{name}";
}
