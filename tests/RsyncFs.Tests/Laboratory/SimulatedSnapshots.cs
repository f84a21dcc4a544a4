using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Snapshots;
using Xunit;

namespace RsyncFs.Tests.Laboratory;

/// <summary>A storage that takes snapshots of bytes in memory, and knows what changed between two.</summary>
/// <param name="content">The source; whoever has it writes it.</param>
public sealed class SimulatedSnapshots(byte[] content) : ISnapshotProvider
{
    // As coarse as storages are: what is changed is told in chunks.
    private const int ChunkBytes = 8192;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, byte[]> _kept = new(StringComparer.Ordinal);
    private int _taken;

    /// <summary>Told of each extent that is about to be named; false keeps it back, as no storage must.</summary>
    public Func<Extent, bool> Tells { get; set; } = _ => true;

    /// <summary>True if a snapshot that is opened again can not be read: it ran full.</summary>
    public bool FailReadsOfReopened { get; set; }

    /// <summary>True if all it can tell is what was written since either snapshot, as classic ones of LVM do.</summary>
    public bool TellsWhatWasWrittenSince { get; set; }

    /// <summary>How many were taken.</summary>
    public int Taken => _taken;

    /// <summary>Lets the kept snapshots hold at a place what the source holds now: a storage that lost what it saved.</summary>
    public void SpoilKept(int offset, int length)
    {
        foreach (var bytes in _kept.Values)
        {
            content.AsSpan(offset, length).CopyTo(bytes.AsSpan(offset));
        }
    }

    /// <summary>The snapshots that are there.</summary>
    public int Count => _kept.Count;

    /// <summary>As many as were there at one moment.</summary>
    public int MostCount { get; private set; }

    public string Name => "volume";

    public SetShape Shape => new(content.Length);

    public bool KeepsBase { get; set; } = true;

    public ISnapshot Take()
    {
        lock (_gate)
        {
            var id = $"snapshot {++_taken}";
            _kept[id] = [.. content];
            MostCount = Math.Max(MostCount, _kept.Count);
            return new Snapshot(this, id, isUnreadable: false);
        }
    }

    public ISnapshot? Reopen(ChangeEvidence evidence)
    {
        lock (_gate)
        {
            return _kept.ContainsKey(evidence.Identity)
                ? new Snapshot(this, evidence.Identity, FailReadsOfReopened)
                : null;
        }
    }

    public SnapshotChanges? FindChanges(ChangeEvidence @base, ISnapshot snapshot, out string obstacle)
    {
        obstacle = "the base snapshot is not there any more";
        byte[]? before;
        byte[] after;
        lock (_gate)
        {
            if (!_kept.TryGetValue(@base.Identity, out before))
            {
                return null;
            }

            after = _kept[snapshot.Evidence.Identity];
        }

        var extents = new List<Extent>();
        for (var at = 0; at < after.Length; at += ChunkBytes)
        {
            var extent = new Extent(at, Math.Min(ChunkBytes, after.Length - at));
            var range = new Range(at, (int)extent.EndBytes);
            if (MayDiffer(range) && Tells(extent))
            {
                extents.Add(extent);
            }
        }

        return new SnapshotChanges(extents, "the simulated storage", MetadataBytesRead: 0);

        bool MayDiffer(Range range) =>
            TellsWhatWasWrittenSince
                ? Differ(before, content, range) || Differ(after, content, range)
                : Differ(before, after, range);
    }

    public IReadOnlyList<string> RemoveAllBut(IReadOnlyCollection<ChangeEvidence> kept)
    {
        var ids = kept.Select(evidence => evidence.Identity).ToHashSet(StringComparer.Ordinal);
        lock (_gate)
        {
            foreach (var id in _kept.Keys.Where(id => !ids.Contains(id)).ToList())
            {
                _kept.Remove(id);
            }
        }

        return [];
    }

    /// <summary>What a snapshot holds; null if it is not there.</summary>
    public byte[]? ContentOf(ChangeEvidence? evidence)
    {
        lock (_gate)
        {
            return evidence is null ? null : _kept.GetValueOrDefault(evidence.Identity);
        }
    }

    private static bool Differ(byte[] one, byte[] other, Range range) =>
        !one.AsSpan(range).SequenceEqual(other.AsSpan(range));

    private sealed class Snapshot(SimulatedSnapshots storage, string id, bool isUnreadable) : ISnapshot
    {
        public IBlockDevice Device { get; } =
            new HookedDevice(new MemoryBlockDevice(storage._kept[id], id))
            {
                Reading = () =>
                {
                    if (isUnreadable)
                    {
                        throw new DeviceException(ErrorId.SourceIo, "input/output error");
                    }
                },
            };

        public DateTimeOffset TakenAt { get; } = DateTimeOffset.UtcNow;

        public ChangeEvidence Evidence { get; } = new(id, SectorsWritten: -1, Stamp: "");

        public bool IsFuzzy => false;

        public void EnsureValid() => Assert.True(storage._kept.ContainsKey(id), "the snapshot was removed");

        public void Dispose() { }
    }
}
