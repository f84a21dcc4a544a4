using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Tests.Laboratory;

/// <summary>
/// A directory on a file system that keeps only what it must: after a crash, of the creations, renames and removals
/// since the last flush of the directory any may be lost, each on its own and in any combination; a file that is
/// there has of its own unflushed bytes whatever <see cref="VolatileBytes"/> leaves. A rename happens or does not.
/// </summary>
public sealed class SimulatedDurableDirectory : IDurableDirectory
{
    private readonly Faults _faults;
    private readonly Random _chance;
    private readonly List<(string Name, object? Node)[]> _unflushed = [];
    private Dictionary<string, object> _live = new(StringComparer.Ordinal);
    private Dictionary<string, object> _durable = new(StringComparer.Ordinal);

    /// <summary>An empty directory. <paramref name="seed"/> decides what a call that fails leaves behind.</summary>
    public SimulatedDurableDirectory(Faults? faults = null, int seed = 1, string name = "simulated")
        : this(faults ?? new Faults(), new Random(seed), name) { }

    private SimulatedDurableDirectory(Faults faults, Random chance, string name)
    {
        _faults = faults;
        _chance = chance;
        Name = name;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public long FreeBytes { get; set; } = 1L << 40;

    /// <summary>What decides which calls fail.</summary>
    public Faults Faults => _faults;

    /// <summary>
    /// The power goes and comes back, for this directory and all below: <paramref name="seed"/> decides what
    /// survives. Files and directories opened before are to be forgotten; this object stays good.
    /// </summary>
    public void Crash(int seed) => Crash(new Random(seed));

    /// <inheritdoc/>
    public IReadOnlyList<string> List()
    {
        lock (_faults)
        {
            BeginOrThrow("list", Name);
            return [.. _live.Keys.Order(StringComparer.Ordinal)];
        }
    }

    /// <inheritdoc/>
    public bool Exists(string name)
    {
        lock (_faults)
        {
            return _live.TryGetValue(name, out var node) && node is VolatileBytes;
        }
    }

    /// <inheritdoc/>
    public IDurableFile Open(string name)
    {
        lock (_faults)
        {
            BeginOrThrow("open", PathOf(name));
            return _live.TryGetValue(name, out var node) && node is VolatileBytes bytes
                ? Handle(name, bytes)
                : throw Missing(name);
        }
    }

    /// <inheritdoc/>
    public IDurableFile Create(string name)
    {
        lock (_faults)
        {
            var fate = _faults.Next();
            ThrowIf(fate == Fate.NeverStarts, "create", PathOf(name));
            if (_live.TryGetValue(name, out var node))
            {
                var bytes = node as VolatileBytes ?? throw Missing(name);
                bytes.SetLength(0);
            }
            else if (fate == Fate.Succeeds || Halfway())
            {
                Apply([(name, new VolatileBytes(0))]);
            }

            ThrowIf(fate != Fate.Succeeds, "create", PathOf(name));
            return Handle(name, (VolatileBytes)_live[name]);
        }
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        lock (_faults)
        {
            // The promise is that of a failed rename(2): both names are as they were.
            BeginOrThrow("rename", PathOf(from));
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
        lock (_faults)
        {
            BeginOrThrow("delete", PathOf(name));
            if (_live.ContainsKey(name))
            {
                Apply([(name, null)]);
            }
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        lock (_faults)
        {
            var fate = _faults.Next();
            if (fate == Fate.Succeeds)
            {
                _durable = new Dictionary<string, object>(_live, StringComparer.Ordinal);
                _unflushed.Clear();
                return;
            }

            throw _faults.StateError("flush", Name);
        }
    }

    /// <inheritdoc/>
    public IDurableDirectory OpenDirectory(string name)
    {
        lock (_faults)
        {
            BeginOrThrow("mkdir", PathOf(name));
            if (!_live.TryGetValue(name, out var node))
            {
                node = new SimulatedDurableDirectory(_faults, _chance, PathOf(name));
                Apply([(name, node)]);
            }

            return node as SimulatedDurableDirectory ?? throw Missing(name);
        }
    }

    private void Crash(Random chance)
    {
        lock (_faults)
        {
            foreach (var change in _unflushed.Where(_ => chance.Next(2) == 0))
            {
                Apply(_durable, change);
            }

            _unflushed.Clear();
            _live = new Dictionary<string, object>(_durable, StringComparer.Ordinal);
            // If a rename was lost and a later one of the same file was not, the file has two names.
            foreach (var node in _live.Values.Distinct())
            {
                (node as VolatileBytes)?.Crash(chance);
                (node as SimulatedDurableDirectory)?.Crash(chance);
            }
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

    private SimulatedDurableFile Handle(string name, VolatileBytes bytes) =>
        new(bytes, _faults, _chance, PathOf(name));

    private bool Halfway() => _chance.Next(2) == 0;

    private void BeginOrThrow(string call, string path) =>
        ThrowIf(_faults.Next() != Fate.Succeeds, call, path);

    private void ThrowIf(bool fails, string call, string path)
    {
        if (fails)
        {
            throw _faults.StateError(call, path);
        }
    }

    private StateException Missing(string name) =>
        new(ErrorId.StateIo, "no such state file") { Where = PathOf(name) };

    private string PathOf(string name) => $"{Name}/{name}";
}
