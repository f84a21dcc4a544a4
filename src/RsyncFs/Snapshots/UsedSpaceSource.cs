using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.FileSystems;

namespace RsyncFs.Snapshots;

/// <summary>
/// A source of which only the space is copied that its file system uses: free space counts as zeros, and is not read.
/// So every generation still has one content, which maps, roots, audits and comparisons are of.
/// </summary>
/// <param name="inner">The source.</param>
/// <param name="findFree">Says what is free on a snapshot: <see cref="FreeSpace.Find"/>.</param>
/// <param name="warn">Told why nothing of a snapshot counts as free, if that is so.</param>
/// <remarks>docs/decisions/0010-free-space-counts-as-zeros.md says why it is not left as it was (C7).</remarks>
public sealed class UsedSpaceSource(
    ISnapshotProvider inner,
    Func<IBlockDevice, FreeSpaceMap> findFree,
    Action<string> warn
) : ISnapshotProvider
{
    // A snapshot that was read whole is no base of one that was read so, and the other way round.
    private const string Mark = "used space of ";

    // A snapshot never changes: what is free on it is asked once in a run.
    private readonly Dictionary<string, FreeSpaceMap> _known = new(StringComparer.Ordinal);
    private long _metadataBytesRead;

    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public SetShape Shape => inner.Shape;

    /// <inheritdoc/>
    public bool KeepsBase => inner.KeepsBase;

    /// <inheritdoc/>
    public string? ObstacleToLists =>
        "with --used-only a change list is of no use: what became free is in no list of what was written";

    /// <inheritdoc/>
    public ISnapshot Take()
    {
        var taken = Wrap(inner.Take());
        if (taken.Free.Doubt is { } doubt)
        {
            warn(
                Shape.Members.Count == 1
                    ? $"--used-only: nothing of {Name} counts as free: {doubt}"
                    : $"--used-only: nothing of these counts as free: {doubt}"
            );
        }

        return taken;
    }

    /// <inheritdoc/>
    public ISnapshot? Reopen(ChangeEvidence evidence) =>
        Unmark(evidence) is { } known && inner.Reopen(known) is { } snapshot ? Wrap(snapshot) : null;

    /// <inheritdoc/>
    /// <remarks>What became free, or ceased to be, changed though nobody wrote it.</remarks>
    public SnapshotChanges? FindChanges(ChangeEvidence @base, ISnapshot snapshot, out string obstacle)
    {
        obstacle = "the base snapshot is not there any more, or was read whole";
        if (snapshot is not UsedSpace to || Reopen(@base) is not UsedSpace from)
        {
            return null;
        }

        using (from)
        {
            return inner.FindChanges(Unmark(@base)!, to.Inner, out obstacle) is { } written
                ? written with
                {
                    Extents = [.. written.Extents, .. Differing(from.Free.Extents, to.Free.Extents)],
                }
                : null;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> RemoveAllBut(IReadOnlyCollection<ChangeEvidence> kept) =>
        inner.RemoveAllBut([.. kept.Select(evidence => Unmark(evidence) ?? evidence)]);

    /// <summary>The runs that are in one of the two and not in the other.</summary>
    internal static IEnumerable<Extent> Differing(IReadOnlyList<Extent> one, IReadOnlyList<Extent> other)
    {
        // Behind every border the state of one of them changes: between two borders both are the same all along.
        var borders = one.Concat(other)
            .SelectMany(extent => new[] { extent.OffsetBytes, extent.EndBytes })
            .Order()
            .ToList();
        for (var i = 0; i + 1 < borders.Count; i += 2)
        {
            if (borders[i] < borders[i + 1])
            {
                yield return new Extent(borders[i], borders[i + 1] - borders[i]);
            }
        }
    }

    private UsedSpace Wrap(ISnapshot snapshot)
    {
        try
        {
            var free = snapshot.IsFuzzy
                ? FreeSpaceMap.Doubted("", "it is in use, and no snapshot was taken")
                : FindFree(snapshot);
            return new UsedSpace(snapshot, free, () => _metadataBytesRead);
        }
        catch
        {
            snapshot.Dispose();
            throw;
        }
    }

    private FreeSpaceMap FindFree(ISnapshot snapshot)
    {
        var evidence = snapshot.Evidence;
        if (evidence.SectorsWritten >= 0 || evidence.Stamp.Length > 0)
        {
            // No snapshot, but a device that stands still: its evidence is that of the moment.
            return Ask(snapshot);
        }

        if (!_known.TryGetValue(evidence.Identity, out var free))
        {
            free = _known[evidence.Identity] = Ask(snapshot);
        }

        return free;
    }

    private FreeSpaceMap Ask(ISnapshot snapshot)
    {
        var free = findFree(snapshot.Device);
        _metadataBytesRead += free.MetadataBytesRead;
        return free;
    }

    /// <summary>The evidence of what was read so; null if it was read whole.</summary>
    public static ChangeEvidence? Unmark(ChangeEvidence evidence) =>
        evidence.Identity.StartsWith(Mark, StringComparison.Ordinal)
            ? evidence with
            {
                Identity = evidence.Identity[Mark.Length..],
            }
            : null;

    private sealed class UsedSpace(ISnapshot inner, FreeSpaceMap free, Func<long> metadataBytesRead)
        : ISnapshot
    {
        public ISnapshot Inner => inner;

        public FreeSpaceMap Free => free;

        public IBlockDevice Device { get; } = new UsedSpaceDevice(inner.Device, free.Extents);

        public DateTimeOffset TakenAt => inner.TakenAt;

        public ChangeEvidence Evidence => inner.Evidence with { Identity = Mark + inner.Evidence.Identity };

        public bool IsFuzzy => inner.IsFuzzy;

        public long FreeBytes => free.FreeBytes;

        public long MetadataBytesRead => metadataBytesRead();

        public void EnsureValid() => inner.EnsureValid();

        public void Dispose() => inner.Dispose();
    }
}
