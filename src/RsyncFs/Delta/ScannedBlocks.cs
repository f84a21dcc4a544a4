using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Sharing;

namespace RsyncFs.Delta;

/// <summary>Some consecutive blocks as a scan hands them on. Valid only inside the call that takes it: the memory is used again.</summary>
internal sealed class ScannedBlocks
{
    private readonly AlignedBuffer _buffer;
    private readonly byte[] _entries;

    public ScannedBlocks(int maxBlocks, BlockHasher hasher)
    {
        _buffer = new AlignedBuffer(maxBlocks * hasher.Layout.BlockSizeBytes);
        _entries = new byte[maxBlocks * hasher.EntryLength];
    }

    /// <summary>Bytes of the most blocks that it can hold.</summary>
    public int MaxBytes => _buffer.Memory.Length;

    /// <summary>The first block.</summary>
    public long FirstBlock { get; private set; }

    /// <summary>How many.</summary>
    public int BlockCount { get; private set; }

    /// <summary>The bytes they are.</summary>
    public Extent Extent { get; private set; }

    /// <summary>True if they are a hole: all zeros, and not read.</summary>
    public bool IsHole { get; private set; }

    /// <summary>Their content; undefined if they are a hole, or if it was not wanted.</summary>
    public ReadOnlySpan<byte> Data => _buffer.Span[..(int)Extent.LengthBytes];

    /// <summary>Their content; undefined if they are a hole, or if it was not wanted.</summary>
    public ReadOnlyMemory<byte> DataMemory => _buffer.Memory[..(int)Extent.LengthBytes];

    /// <summary>Their signature entries.</summary>
    public ReadOnlySpan<byte> Entries => _entries.AsSpan(0, _entryLength * BlockCount);

    private int _entryLength;

    public void Prepare(BlockLayout layout, long firstBlock, int blockCount, HoleMap holes)
    {
        FirstBlock = firstBlock;
        BlockCount = blockCount;
        Extent = layout.ExtentOf(firstBlock, blockCount);
        IsHole = holes.IsHole(Extent);
    }

    /// <param name="device">The device.</param>
    /// <param name="hasher">Layout and hash.</param>
    /// <param name="shared">What may be taken over instead; null for nothing.</param>
    /// <param name="needsContent">False if <see cref="Data"/> may be left undefined then.</param>
    public void ReadAndHash(IBlockDevice device, BlockHasher hasher, SharedReads? shared, bool needsContent)
    {
        _entryLength = hasher.EntryLength;
        var entries = _entries.AsSpan(0, _entryLength * BlockCount);
        if (IsHole)
        {
            hasher.WriteZeroEntries(FirstBlock, BlockCount, entries);
            return;
        }

        var data = _buffer.Span[..(int)Extent.LengthBytes];
        if (shared is not null)
        {
            shared.Fill(FirstBlock, BlockCount, needsContent, data, entries);
            return;
        }

        device.Read(Extent.OffsetBytes, data);
        hasher.WriteEntries(FirstBlock, data, entries);
    }
}
