using RsyncFs.Blocks;

namespace RsyncFs.FileSystems;

/// <summary>
/// The tree of a group's free runs in the order of their blocks (bnobt): short-form B+tree blocks, in which all
/// pointers are blocks of the group. Blocks of the free list (AGFL) are not in it, and so count as used.
/// </summary>
/// <remarks>
/// Nothing in it can make the walk endless: each leaf but an empty root has records, and records must ascend over the
/// whole walk, so no leaf is met twice; levels fall by one with each pointer.
/// </remarks>
internal sealed class XfsFreeTree(
    MetadataReader reader,
    XfsSuperblock superblock,
    XfsGroup group,
    FreeExtents free,
    List<Extent> own
)
{
    /// <summary>Blocks that all trees of a file system may have: of 4 KiB, full, they name two billion runs.</summary>
    private const int MaxOwnCount = 4 * 1024 * 1024;

    private const uint MagicV4 = 0x41425442; // ABTB
    private const uint MagicV5 = 0x41423342; // AB3B
    private const int HeaderBytesV4 = 16;
    private const int HeaderBytesV5 = 56;
    private const int ChecksumAt = 52;
    private const int RecordBytes = 8;
    private const int PointerBytes = 4;

    // One block for each level of the way down.
    private readonly byte[]?[] _levels = new byte[XfsGroup.MaxLevelCount][];
    private long _endBlock;
    private long _freeBlockCount;

    private int HeaderBytes => superblock.HasChecksums ? HeaderBytesV5 : HeaderBytesV4;

    /// <summary>Adds all runs of the tree to what is free, and the blocks that the tree itself is in to what is its own.</summary>
    /// <exception cref="InvalidDataException">The tree is odd or damaged, or has more than the group's header says.</exception>
    public void Walk()
    {
        Walk(group.RootBlock, group.LevelCount - 1, firstStart: null);

        // mkfs.xfs counts blocks that it meant for the free list when the log fills a group, and has them in no tree.
        if (_freeBlockCount > group.FreeBlockCount)
        {
            throw Odd($"has {_freeBlockCount} blocks, the group's header says {group.FreeBlockCount}");
        }
    }

    private void Walk(long block, int level, uint? firstStart)
    {
        ReadOnlySpan<byte> bytes = ReadBlock(block, level);
        int count = bytes.Big16(6);
        var records = bytes[HeaderBytes..];
        var maxCount = records.Length / (level == 0 ? RecordBytes : RecordBytes + PointerBytes);
        var isEmptyRoot = count == 0 && level == 0 && firstStart is null;
        if (count > maxCount || (count == 0 && !isEmptyRoot))
        {
            throw Odd($"has {count} records in block {block}");
        }

        if (firstStart is { } start && records.Big32(0) != start)
        {
            throw Odd($"has another first record in block {block} than its parent says");
        }

        for (var i = 0; i < count; i++)
        {
            var record = records[(i * RecordBytes)..];
            if (level == 0)
            {
                Add(record.Big32(0), record.Big32(4));
            }
            else
            {
                Walk(
                    records.Big32((maxCount * RecordBytes) + (i * PointerBytes)),
                    level - 1,
                    record.Big32(0)
                );
            }
        }
    }

    private void Add(long start, long count)
    {
        if (
            start < XfsGroup.HeaderBlocks(superblock)
            || start < _endBlock
            || count == 0
            || count > group.BlockCount - start
        )
        {
            throw Odd($"has a run of {count} blocks at {start}");
        }

        _endBlock = start + count;
        _freeBlockCount += count;
        free.Add(superblock.ToBytes(group.Number, start, count));
    }

    private byte[] ReadBlock(long block, int level)
    {
        if (block < XfsGroup.HeaderBlocks(superblock) || block >= group.BlockCount)
        {
            throw Odd($"has a pointer to block {block}");
        }

        var at = superblock.ToBytes(group.Number, block, 1).OffsetBytes;
        var buffer = _levels[level] ??= new byte[superblock.BlockBytes];
        reader.Read(at, buffer);
        ReadOnlySpan<byte> bytes = buffer;
        superblock.Verify(bytes, ChecksumAt, $"free space tree in allocation group {group.Number}");
        var isOurs =
            bytes.Big32(0) == (superblock.HasChecksums ? MagicV5 : MagicV4)
            && bytes.Big16(4) == level
            && (
                !superblock.HasChecksums
                || (
                    bytes.Big64(16) == (ulong)(at / XfsSuperblock.SectorUnitBytes)
                    && bytes.Slice(32, 16).SequenceEqual(superblock.MetadataUuid)
                    && bytes.Big32(48) == group.Number
                )
            );
        if (!isOurs)
        {
            throw Odd($"has something else in block {block}");
        }

        if (own.Count == MaxOwnCount)
        {
            throw Odd("has too many blocks");
        }

        own.Add(superblock.ToBytes(group.Number, block, 1));
        return buffer;
    }

    private InvalidDataException Odd(string what) =>
        new($"the free space tree of allocation group {group.Number} {what}");
}
