using RsyncFs.Blocks;
using RsyncFs.Devices;

namespace RsyncFs.Delta;

/// <summary>
/// Some changed blocks on their way from the source to the wire: which they are, their content, and in the end the
/// records that make them. One batch is worked on by one thread at a time, and its memory is used again.
/// </summary>
internal sealed class ChangedBatch
{
    /// <summary>Bytes of source that a batch is about, or one block if that is more.</summary>
    public const int TargetBytes = 4 * 1024 * 1024;

    private readonly BlockLayout _layout;
    private readonly AlignedBuffer _buffer;
    private readonly int _maxBlocks;
    private AlignedBuffer? _base;

    /// <summary>Takes the memory of one batch of the <paramref name="blockCount"/> blocks that there are in all.</summary>
    public ChangedBatch(BlockLayout layout, long blockCount)
    {
        _layout = layout;
        _maxBlocks = (int)Math.Min(BlocksOf(layout), blockCount);
        // A run that goes on in the neighbouring batches is read with one block more at either end, so that the
        // search finds content across the border.
        _buffer = new AlignedBuffer((_maxBlocks + 2) * layout.BlockSizeBytes);
        // Room for gathered pages and for what they compress to, block after block.
        Scratch = new Scratch((2 * _maxBlocks * layout.BlockSizeBytes) + layout.BlockSizeBytes);
    }

    /// <summary>The blocks, ascending.</summary>
    public List<long> Blocks { get; } = [];

    /// <summary>What the scan took for each block's digest.</summary>
    public List<Digest> Expected { get; } = [];

    /// <summary>Of each block the target's page hashes, page by page; null where they were not asked for.</summary>
    public List<uint[]?> PageHashes { get; } = [];

    /// <summary>The records, ascending.</summary>
    public List<DeltaRecord> Records { get; } = [];

    /// <summary>Each block's signature as it was read now.</summary>
    public List<Signature> Signatures { get; } = [];

    /// <summary>Memory for the records.</summary>
    public Scratch Scratch { get; }

    /// <summary>True if the content that the target has in these blocks was read, from the base snapshot.</summary>
    public bool HasBase { get; private set; }

    /// <summary>True if the first block's run began in the batch before.</summary>
    public bool ContinuesBefore { get; private set; }

    /// <summary>True if the last block's run goes on in the batch behind.</summary>
    public bool ContinuesBehind { get; private set; }

    /// <summary>Blocks of a full batch.</summary>
    public static int BlocksOf(BlockLayout layout) => TargetBytes / layout.BlockSizeBytes;

    /// <summary>Empties the batch and fills it with the changed blocks from <paramref name="next"/> on; false if there are none.</summary>
    /// <param name="changed">The changed blocks.</param>
    /// <param name="next">Where to begin; set to where the batch behind begins.</param>
    public bool Fill(BlockSet changed, ref long next)
    {
        Blocks.Clear();
        Expected.Clear();
        Records.Clear();
        Signatures.Clear();
        PageHashes.Clear();
        Scratch.Reset();
        HasBase = false;
        while (Blocks.Count < _maxBlocks && changed.NextFrom(next) is >= 0 and var block)
        {
            Blocks.Add(block);
            next = block + 1;
        }

        if (Blocks.Count == 0)
        {
            return false;
        }

        ContinuesBefore = changed.Contains(Blocks[0] - 1);
        ContinuesBehind = changed.Contains(Blocks[^1] + 1);
        return true;
    }

    /// <summary>Takes the page hashes of the blocks in <paramref name="asked"/>, in that order, page by page.</summary>
    public void SetPageHashes(IReadOnlyList<long> asked, IReadOnlyList<uint> hashes)
    {
        var at = 0;
        var next = 0;
        foreach (var block in Blocks)
        {
            if (next == asked.Count || asked[next] != block)
            {
                PageHashes.Add(null);
                continue;
            }

            var ofBlock = new uint[_layout.PageCountOf(block)];
            for (var page = 0; page < ofBlock.Length; page++)
            {
                ofBlock[page] = hashes[at++];
            }

            PageHashes.Add(ofBlock);
            next++;
        }
    }

    /// <summary>The runs of neighbouring blocks: index of the first in <see cref="Blocks"/>, and how many.</summary>
    public IEnumerable<(int First, int Count)> Runs()
    {
        for (var first = 0; first < Blocks.Count; )
        {
            var count = 1;
            while (first + count < Blocks.Count && Blocks[first + count] == Blocks[first] + count)
            {
                count++;
            }

            yield return (first, count);
            first += count;
        }
    }

    /// <summary>Reads the blocks; gives the bytes read.</summary>
    /// <exception cref="Errors.DeviceException">The source could not be read.</exception>
    public long Read(IBlockDevice source)
    {
        var bytes = 0L;
        foreach (var (first, count) in Runs())
        {
            var extent = _layout.ExtentOf(Blocks[first], count);
            source.Read(extent.OffsetBytes, _buffer.Span.Slice(OffsetOf(first), (int)extent.LengthBytes));
            bytes += extent.LengthBytes;
        }

        return bytes;
    }

    /// <summary>Reads the same blocks of the base snapshot; gives the bytes read.</summary>
    /// <exception cref="Errors.DeviceException">It could not be read; <see cref="HasBase"/> stays false.</exception>
    public long ReadBase(IBlockDevice snapshot)
    {
        _base ??= new AlignedBuffer(_maxBlocks * _layout.BlockSizeBytes);
        var bytes = 0L;
        foreach (var (first, count) in Runs())
        {
            var extent = _layout.ExtentOf(Blocks[first], count);
            var at = first * _layout.BlockSizeBytes;
            snapshot.Read(extent.OffsetBytes, _base.Span.Slice(at, (int)extent.LengthBytes));
            bytes += extent.LengthBytes;
        }

        HasBase = true;
        return bytes;
    }

    /// <summary>What the target has in the block at <paramref name="index"/>; only if <see cref="HasBase"/>.</summary>
    public ReadOnlyMemory<byte> BaseOf(int index) =>
        _base!.Memory.Slice(index * _layout.BlockSizeBytes, _layout.LengthOf(Blocks[index]));

    /// <summary>The content of the block at <paramref name="index"/> of <see cref="Blocks"/>.</summary>
    public ReadOnlyMemory<byte> ContentOf(int index) =>
        _buffer.Memory.Slice(OffsetOf(index), _layout.LengthOf(Blocks[index]));

    /// <summary>A run's content for the search, with a block more where the run goes on in a neighbouring batch.</summary>
    /// <param name="run">One of <see cref="Runs"/>.</param>
    /// <param name="source">Read for the block more.</param>
    /// <param name="bytesRead">Bytes read for it.</param>
    /// <exception cref="Errors.DeviceException">The source could not be read.</exception>
    public (long OffsetBytes, ReadOnlyMemory<byte> Content) WindowOf(
        (int First, int Count) run,
        IBlockDevice source,
        out long bytesRead
    )
    {
        var extent = _layout.ExtentOf(Blocks[run.First], run.Count);
        var from = extent.OffsetBytes;
        var to = extent.EndBytes;
        var buffer = OffsetOf(run.First);
        if (run.First == 0 && ContinuesBefore)
        {
            from -= _layout.BlockSizeBytes;
            buffer -= _layout.BlockSizeBytes;
            source.Read(from, _buffer.Span.Slice(buffer, _layout.BlockSizeBytes));
        }

        if (run.First + run.Count == Blocks.Count && ContinuesBehind)
        {
            var length = _layout.LengthOf(Blocks[^1] + 1);
            source.Read(to, _buffer.Span.Slice(buffer + (int)(to - from), length));
            to += length;
        }

        bytesRead = to - from - extent.LengthBytes;
        return (from, _buffer.Memory.Slice(buffer, (int)(to - from)));
    }

    // The first block of the buffer is kept free for the one before a run.
    private int OffsetOf(int index) => (index + 1) * _layout.BlockSizeBytes;
}
