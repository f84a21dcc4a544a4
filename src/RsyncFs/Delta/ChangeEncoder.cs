using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Delta;

/// <summary>
/// Makes the records of a batch of changed blocks: reads them again, drops the pages that the target has in place,
/// searches what is left for content it has elsewhere, and encodes the rest. Safe for several batches at once.
/// </summary>
internal sealed class ChangeEncoder(
    IBlockDevice source,
    BlockHasher hasher,
    BlockEncoder encoder,
    MovedContent? moved
)
{
    private static readonly IReadOnlyList<MatchSpan> None = [];

    private readonly BlockLayout _layout = hasher.Layout;
    private long _bytesRead;
    private volatile bool _isBaseLost;

    /// <summary>True if the source may change while it is read: then what is read now counts, and not what the scan saw.</summary>
    public bool SourceIsInUse { get; init; }

    /// <summary>The source as the target has it; null if it is not at hand, and the target is asked for page hashes.</summary>
    public IBlockDevice? Base { get; init; }

    /// <summary>True if pages may be sent as patches of the base: not where the target is written in place (C8).</summary>
    public bool SendsPatches { get; init; }

    /// <summary>Bytes read from the source so far, the base's among them.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    /// <summary>Reads the blocks of <paramref name="batch"/> and takes their signatures.</summary>
    /// <exception cref="DeviceException">The source could not be read, or (<see cref="ErrorId.SourceChanged"/>) is not what the scan saw. Nothing of the batch was sent.</exception>
    public void Read(ChangedBatch batch)
    {
        Interlocked.Add(ref _bytesRead, batch.Read(source));
        for (var i = 0; i < batch.Blocks.Count; i++)
        {
            var signature = hasher.Compute(batch.ContentOf(i).Span);
            batch.Signatures.Add(signature);
            if (!SourceIsInUse && signature.Strong != batch.Expected[i])
            {
                throw SourceChange.At(source.Name, _layout.OffsetOf(batch.Blocks[i]));
            }
        }

        ReadBase(batch);
    }

    /// <summary>Fills the records of a batch that was read and, if page hashes were asked for, has them.</summary>
    /// <exception cref="DeviceException">The source could not be read.</exception>
    public void Encode(ChangedBatch batch)
    {
        var needed = NeededPages(batch);
        foreach (var run in batch.Runs())
        {
            var spans = IsWorthSearching(batch, run, needed) ? Search(batch, run) : None;
            for (var i = run.First; i < run.First + run.Count; i++)
            {
                Append(
                    batch.Records,
                    encoder.Encode(
                        batch.Blocks[i],
                        batch.ContentOf(i),
                        batch.Signatures[i].Strong,
                        needed[i],
                        // Where the base shows no difference it is not believed, and the block goes whole.
                        SendsPatches && batch.HasBase && needed[i] is not null
                            ? batch.BaseOf(i)
                            : default,
                        spans,
                        batch.Scratch
                    )
                );
            }
        }
    }

    /// <summary>Adds <paramref name="record"/>, joined with the last one if both are neighbouring zeros.</summary>
    public static void Append(List<DeltaRecord> records, DeltaRecord record)
    {
        if (
            record is ZeroRun run
            && records.Count > 0
            && records[^1] is ZeroRun before
            && before.FirstBlock + before.BlockCount == run.FirstBlock
        )
        {
            records[^1] = before with { BlockCount = before.BlockCount + run.BlockCount };
            return;
        }

        records.Add(record);
    }

    /// <summary>A base that can not be read any more, for one because it ran full, only costs that blocks go whole (C20).</summary>
    private void ReadBase(ChangedBatch batch)
    {
        if (Base is null || _isBaseLost)
        {
            return;
        }

        try
        {
            Interlocked.Add(ref _bytesRead, batch.ReadBase(Base));
        }
        catch (DeviceException)
        {
            _isBaseLost = true;
        }
    }

    private IReadOnlyList<MatchSpan> Search(ChangedBatch batch, (int First, int Count) run)
    {
        var (offset, content) = batch.WindowOf(run, source, out var bytesRead);
        Interlocked.Add(ref _bytesRead, bytesRead);
        return moved!.Find(content.Span, offset);
    }

    /// <summary>Moved content changes whole pages in a row; scattered changes are not worth rolling over.</summary>
    private bool IsWorthSearching(ChangedBatch batch, (int First, int Count) run, PageBitmap?[] needed)
    {
        if (moved is null)
        {
            return false;
        }

        var pages = 0;
        var neededPages = 0;
        for (var i = run.First; i < run.First + run.Count; i++)
        {
            var count = _layout.PageCountOf(batch.Blocks[i]);
            pages += count;
            neededPages += needed[i]?.Count ?? count;
        }

        return 2 * neededPages > pages && moved.Budget.ShouldSearch();
    }

    private PageBitmap?[] NeededPages(ChangedBatch batch)
    {
        var needed = new PageBitmap?[batch.Blocks.Count];
        for (var i = 0; i < needed.Length; i++)
        {
            needed[i] =
                batch.HasBase ? DifferingPages(batch, i)
                : i < batch.PageHashes.Count && batch.PageHashes[i] is { } theirs
                    ? DifferingPages(batch, i, theirs)
                : null;
        }

        return needed;
    }

    private PageBitmap? DifferingPages(ChangedBatch batch, int index)
    {
        var old = batch.BaseOf(index);
        return DifferingPages(
            batch,
            index,
            (page, bytes) =>
                bytes.SequenceEqual(old.Span.Slice(page * BlockLayout.PageSizeBytes, bytes.Length))
        );
    }

    private PageBitmap? DifferingPages(ChangedBatch batch, int index, uint[] theirs) =>
        DifferingPages(batch, index, (page, bytes) => hasher.Hash.ComputePageHash(bytes) == theirs[page]);

    /// <summary>The pages to send; null for all, where none seems to differ though the block does: something lies, so it goes whole.</summary>
    private PageBitmap? DifferingPages(
        ChangedBatch batch,
        int index,
        Func<int, ReadOnlySpan<byte>, bool> isSame
    )
    {
        var block = batch.Blocks[index];
        var pages = new PageBitmap(_layout.PageCountOf(block));
        var content = batch.ContentOf(index).Span;
        for (var page = 0; page < pages.PageCount; page++)
        {
            var bytes = content.Slice(page * BlockLayout.PageSizeBytes, _layout.PageLengthOf(block, page));
            if (!isSame(page, bytes))
            {
                pages.Add(page);
            }
        }

        return pages.IsEmpty ? null : pages;
    }
}
