using System.Buffers.Binary;
using System.Numerics;
using RsyncFs.Blocks;

namespace RsyncFs.FileSystems;

/// <summary>
/// What ext2, ext3 and ext4 call free: the zero bits of each group's block bitmap. Each bitmap is proven by its checksum
/// where there is one, and always by the count of free clusters in the group's descriptor.
/// </summary>
internal static class ExtFreeSpace
{
    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">The file system is not clean, or something of it is odd.</exception>
    public static IReadOnlyList<Extent> Read(MetadataReader reader)
    {
        var superblock = ExtSuperblock.Read(reader);
        var table = new ExtGroupTable(reader, superblock);
        var used = new ExtUsedBlocks(superblock, table);
        var free = new FreeExtents(superblock.BlockCount * superblock.BlockBytes);
        var bitmap = new byte[superblock.BlockBytes];
        for (var number = 0; number < superblock.GroupCount; number++)
        {
            var group = table.Read(number);
            if (group.HasNoBitmap)
            {
                AddUnwritten(superblock, number, group, used, free);
                continue;
            }

            reader.Read(group.BitmapBlock * superblock.BlockBytes, bitmap);
            if (!group.IsIntact(superblock, bitmap))
            {
                throw new InvalidDataException(
                    $"the checksum of the block bitmap of group {number} is wrong"
                );
            }

            AddBitmap(superblock, number, group, bitmap, used, free);
        }

        return free.ToList();
    }

    // All of the group is free but for metadata. The first group always has a bitmap: it holds the root directory.
    private static void AddUnwritten(
        ExtSuperblock superblock,
        int number,
        ExtGroup group,
        ExtUsedBlocks used,
        FreeExtents free
    )
    {
        var clusterBytes = (long)superblock.ClusterBlocks * superblock.BlockBytes;
        var clusterCount = 0L;
        foreach (
            var run in used.Without(
                superblock.ToBytes(superblock.FirstBlockOf(number), superblock.BlocksOf(number))
            )
        )
        {
            free.Add(run);
            clusterCount += (run.LengthBytes + clusterBytes - 1) / clusterBytes;
        }

        if (number == 0 || clusterCount > group.FreeClusterCount)
        {
            throw new InvalidDataException($"group {number} has no bitmap, and more in use than metadata");
        }
    }

    private static void AddBitmap(
        ExtSuperblock superblock,
        int number,
        ExtGroup group,
        ReadOnlySpan<byte> bitmap,
        ExtUsedBlocks used,
        FreeExtents free
    )
    {
        var first = superblock.FirstBlockOf(number);
        var blockCount = superblock.BlocksOf(number);
        var bitCount = (int)((blockCount + superblock.ClusterBlocks - 1) / superblock.ClusterBlocks);
        var freeCount = 0L;
        for (var from = Next(bitmap, set: false, 0, bitCount); from < bitCount; )
        {
            var to = Next(bitmap, set: true, from, bitCount);
            freeCount += to - from;

            // The last cluster may reach beyond the last block.
            var start = (long)from * superblock.ClusterBlocks;
            var end = Math.Min((long)to * superblock.ClusterBlocks, blockCount);
            foreach (var run in used.Without(superblock.ToBytes(first + start, end - start)))
            {
                free.Add(run);
            }

            from = Next(bitmap, set: false, to, bitCount);
        }

        if (freeCount != group.FreeClusterCount)
        {
            throw new InvalidDataException(
                $"the block bitmap of group {number} has {freeCount} free clusters, its descriptor says {group.FreeClusterCount}"
            );
        }
    }

    /// <summary>The first bit from <paramref name="from"/> on that is as wanted; <paramref name="bitCount"/> if there is none.</summary>
    private static int Next(ReadOnlySpan<byte> bitmap, bool set, int from, int bitCount)
    {
        const int WordBits = 64;
        while (from < bitCount)
        {
            var wordAt = from / WordBits * sizeof(ulong);
            var word = BinaryPrimitives.ReadUInt64LittleEndian(bitmap[wordAt..]);
            var wanted = (set ? word : ~word) >> (from % WordBits);
            if (wanted != 0)
            {
                return Math.Min(bitCount, from + BitOperations.TrailingZeroCount(wanted));
            }

            from = (from / WordBits * WordBits) + WordBits;
        }

        return bitCount;
    }
}
