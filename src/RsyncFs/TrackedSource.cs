using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Maps;
using RsyncFs.Snapshots;
using RsyncFs.Sources;

namespace RsyncFs;

/// <summary>What the storage says of the changes in a source since the generation that the target is at, and a test of its word.</summary>
internal sealed class TrackedSource : IDisposable
{
    private readonly ISnapshot _snapshot;
    private readonly BlockHasher _hasher;
    private readonly SnapshotChanges? _changes;

    private TrackedSource(
        ISnapshot snapshot,
        ISnapshot? @base,
        BlockHasher hasher,
        SnapshotChanges? changes,
        string reason
    )
    {
        Base = @base;
        _snapshot = snapshot;
        _hasher = hasher;
        _changes = changes;
        Reason = reason;
    }

    /// <summary>The source as the target has it; null if only where it changed is known.</summary>
    public ISnapshot? Base { get; }

    /// <summary>True if the storage could tell.</summary>
    public bool IsKnown => _changes is not null;

    /// <summary>Who says so; or why nobody can.</summary>
    public string Reason { get; }

    /// <summary>Bytes of the storage's own tables that were read.</summary>
    public long MetadataBytesRead => _changes?.MetadataBytesRead ?? 0;

    /// <inheritdoc cref="SnapshotChanges.BaseCopiedBytes"/>
    public long BaseCopiedBytes => _changes?.BaseCopiedBytes ?? 0;

    /// <summary>Bytes of the source read to test it.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Asks the storage, or the list that a person gave instead.</summary>
    /// <param name="source">The source.</param>
    /// <param name="snapshot">Its snapshot of this cycle.</param>
    /// <param name="state">What is known of it: its base, and the unions of who is behind that.</param>
    /// <param name="since">What the storage says.</param>
    /// <param name="listed">The list, if one was given.</param>
    /// <param name="generation">Where the target is.</param>
    /// <param name="hasher">Layout and hash.</param>
    public static TrackedSource Ask(
        ISnapshotProvider source,
        ISnapshot snapshot,
        SourceState state,
        BaseChanges since,
        ChangeList? listed,
        Guid generation,
        BlockHasher hasher
    )
    {
        var obstacle = source.ObstacleToLists ?? "";
        var changes =
            listed is null ? AskStorage(source, state, since, generation, hasher.Layout, out obstacle)
            : obstacle.Length > 0 ? null
            : listed.Since(generation, source.LengthBytes, out obstacle);
        var isAtBase = since.From?.Generation == generation;
        var isBehind = listed is null && !isAtBase;
        return new TrackedSource(
            snapshot,
            changes is not null && isAtBase ? source.Borrow(since.From!.Evidence) : null,
            hasher,
            changes,
            changes is null ? obstacle
                : isBehind
                    ? $"{changes.Source} tells what changed since the base, and what had changed before is known"
                : $"{changes.Source} tells what changed since the target's generation"
        );
    }

    private static SnapshotChanges? AskStorage(
        ISnapshotProvider source,
        SourceState state,
        BaseChanges since,
        Guid generation,
        BlockLayout layout,
        out string obstacle
    )
    {
        if (!source.KeepsBase || since.From is not { } @base)
        {
            return since.Find(out obstacle);
        }

        if (state.FindUnion(generation, @base, layout) is not { } union)
        {
            obstacle =
                "the base snapshot is of another generation than the target, and what changed between them is not known";
            return null;
        }

        return since.Find(out obstacle) is { } changes
            ? changes with
            {
                Extents = [.. changes.Extents, .. union],
            }
            : null;
    }

    /// <inheritdoc/>
    public void Dispose() => Base?.Dispose();

    /// <summary>The blocks that may have changed.</summary>
    public BlockSet Blocks() =>
        new BlockSet(_hasher.Layout.BlockCount).With(_changes?.Extents ?? [], _hasher.Layout);

    /// <summary>Reads some blocks that the storage takes for unchanged, and compares them with the generation's map.</summary>
    /// <exception cref="RsyncFsException">One of them is something else (<see cref="ErrorId.ChangesIncomplete"/>): the storage lied. Nothing was written.</exception>
    public void Audit(IReadOnlyList<long> sample, DigestMap map)
    {
        var buffer = new AlignedBuffer(_hasher.Layout.BlockSizeBytes);
        foreach (var block in sample)
        {
            var offset = _hasher.Layout.OffsetOf(block);
            var content = buffer.Span[.._hasher.Layout.LengthOf(block)];
            _snapshot.Device.Read(offset, content);
            BytesRead += content.Length;
            if (_hasher.Hash.Compute(content) != map.ReadEntry(block).Strong)
            {
                map.BreakSeal();
                throw new RsyncFsException(
                    ErrorId.ChangesIncomplete,
                    "a sampled block of the source changed, and the storage did not say so"
                )
                {
                    Where = $"offset {offset} of {_snapshot.Device.Name}",
                    Cause = $"{_changes?.Source} does not name it",
                    Hint =
                        "run again: both ends will be read and compared; until the cause is found use --plan digest",
                };
            }
        }
    }
}
