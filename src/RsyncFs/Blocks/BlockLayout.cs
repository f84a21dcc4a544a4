using System.Diagnostics;
using System.Numerics;

namespace RsyncFs.Blocks;

/// <summary>
/// How a device is cut into blocks, blocks into pages, and blocks gathered into groups. A device may have any
/// length: its last block, and that block's last page, are as long as what is left.
/// </summary>
public sealed record BlockLayout
{
    /// <summary>Bytes of a page: the unit inside a block, and the alignment of every op's target range.</summary>
    public const int PageSizeBytes = 4096;

    /// <summary>Blocks of a group.</summary>
    public const int BlocksPerGroup = 256;

    /// <summary>The smallest block, one page.</summary>
    public const int MinBlockSizeBytes = PageSizeBytes;

    /// <summary>The largest block.</summary>
    public const int MaxBlockSizeBytes = 4 * 1024 * 1024;

    /// <summary>The block size of a volume whose owner did not choose one.</summary>
    public const int DefaultBlockSizeBytes = 64 * 1024;

    /// <summary>The most groups whose digests an end holds in memory: 512 TiB of 64 KiB blocks, 1 GiB of the longer digests.</summary>
    public const long MaxGroupCount = 1L << 25;

    /// <summary>The longest device: 8 EiB less one page, the most an offset can name.</summary>
    public const long MaxLengthBytes = long.MaxValue - PageSizeBytes + 1;

    /// <summary>Cuts <paramref name="lengthBytes"/> into blocks of <paramref name="blockSizeBytes"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, or the block size is not a power of two from 4 KiB to 4 MiB.</exception>
    public BlockLayout(long lengthBytes, int blockSizeBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lengthBytes, MaxLengthBytes);
        if (!IsValidBlockSize(blockSizeBytes))
        {
            throw new ArgumentOutOfRangeException(
                nameof(blockSizeBytes),
                blockSizeBytes,
                "a block size is a power of two from 4096 to 4194304"
            );
        }

        LengthBytes = lengthBytes;
        BlockSizeBytes = blockSizeBytes;
    }

    /// <summary>Bytes of the device.</summary>
    public long LengthBytes { get; }

    /// <summary>Bytes of a block; the last may be shorter.</summary>
    public int BlockSizeBytes { get; }

    /// <summary>Number of blocks, the short one included.</summary>
    public long BlockCount => DivideUp(LengthBytes, BlockSizeBytes);

    /// <summary>Number of groups, the short one included.</summary>
    public long GroupCount => DivideUp(BlockCount, BlocksPerGroup);

    /// <summary>Pages of a whole block.</summary>
    public int PagesPerBlock => BlockSizeBytes / PageSizeBytes;

    /// <summary>True for a power of two from 4 KiB to 4 MiB.</summary>
    public static bool IsValidBlockSize(long blockSizeBytes) =>
        blockSizeBytes is >= MinBlockSizeBytes and <= MaxBlockSizeBytes
        && BitOperations.IsPow2(blockSizeBytes);

    /// <summary>Where block <paramref name="index"/> begins.</summary>
    public long OffsetOf(long index)
    {
        Debug.Assert(index >= 0 && index < BlockCount, "block index in range");
        return index * BlockSizeBytes;
    }

    /// <summary>Bytes of block <paramref name="index"/>.</summary>
    public int LengthOf(long index)
    {
        var offset = OffsetOf(index);
        return (int)Math.Min(BlockSizeBytes, LengthBytes - offset);
    }

    /// <summary>The bytes of block <paramref name="index"/>.</summary>
    public Extent ExtentOf(long index) => new(OffsetOf(index), LengthOf(index));

    /// <summary>The bytes of <paramref name="count"/> blocks from <paramref name="firstIndex"/> on.</summary>
    public Extent ExtentOf(long firstIndex, long count)
    {
        Debug.Assert(count > 0 && firstIndex + count <= BlockCount, "blocks in range");
        var offset = firstIndex * BlockSizeBytes;
        return new Extent(offset, Math.Min(count * BlockSizeBytes, LengthBytes - offset));
    }

    /// <summary>The block that holds the byte at <paramref name="offsetBytes"/>.</summary>
    public long BlockAt(long offsetBytes) => offsetBytes / BlockSizeBytes;

    /// <summary>Pages of block <paramref name="index"/>, a short one included.</summary>
    public int PageCountOf(long index) => (int)DivideUp(LengthOf(index), PageSizeBytes);

    /// <summary>Bytes of page <paramref name="page"/> of block <paramref name="index"/>.</summary>
    public int PageLengthOf(long index, int page) =>
        Math.Min(PageSizeBytes, LengthOf(index) - (page * PageSizeBytes));

    /// <summary>The group that block <paramref name="index"/> belongs to.</summary>
    public static long GroupOf(long index) => index / BlocksPerGroup;

    /// <summary>The first block of group <paramref name="group"/>.</summary>
    public static long FirstBlockOf(long group) => group * BlocksPerGroup;

    /// <summary>Blocks of group <paramref name="group"/>; the last may have fewer.</summary>
    public int BlockCountOf(long group) => (int)Math.Min(BlocksPerGroup, BlockCount - FirstBlockOf(group));

    private static long DivideUp(long value, long by) => (value / by) + (value % by == 0 ? 0 : 1);
}
