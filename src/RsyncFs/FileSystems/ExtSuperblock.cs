using System.Numerics;
using RsyncFs.Blocks;

namespace RsyncFs.FileSystems;

/// <summary>
/// The superblock of ext2, ext3 or ext4, checked: where its groups are and what their descriptors look like. Names,
/// places and limits are those of the kernel's Documentation/filesystems/ext4 and fs/ext4/ext4.h.
/// </summary>
internal sealed class ExtSuperblock
{
    /// <summary>That of 128 TiB with the usual blocks. What is kept of each is three runs.</summary>
    private const int MaxGroupCount = 1024 * 1024;

    private const int OffsetBytes = 1024;
    private const int SizeBytes = 1024;
    private const int MagicAt = 0x38;
    private const ushort Magic = 0xEF53;
    private const int ChecksumAt = 0x3FC;
    private const byte ChecksumIsCrc32C = 1;
    private const int MaxLogBlockSize = 6;
    private const int MaxLogClusterSize = 19;
    private const int SmallDescriptorBytes = 32;
    private const int LargeDescriptorBytes = 64;
    private const int MaxDescriptorBytes = 1024;
    private const int SmallestInodeBytes = 128;

    private const ushort StateValid = 1;
    private const ushort StateErrors = 2;
    private const ushort StateOrphans = 4;

    private ExtSuperblock(ReadOnlySpan<byte> bytes)
    {
        Features = new ExtFeatures(bytes);
        Uuid = bytes.Slice(0x68, 16).ToArray();
        Seed = Features.HasSeed
            ? bytes.Little32(0x270)
            : MetadataChecksum.Crc32C(MetadataChecksum.Start, Uuid);
        BlockBytes = 1024 << (int)Math.Min(bytes.Little32(0x18), MaxLogBlockSize);
        BlockCount = (long)(
            bytes.Little32(0x04) | (Features.Has64Bit ? (ulong)bytes.Little32(0x150) << 32 : 0)
        );
        FirstDataBlock = bytes.Little32(0x14);
        ClusterBlocks = Features.HasClusters
            ? 1 << (int)Math.Min(bytes.Little32(0x1C) - bytes.Little32(0x18), MaxLogClusterSize)
            : 1;
        BlocksPerGroup = bytes.Little32(0x20);
        InodesPerGroup = bytes.Little32(0x28);
        InodeBytes = bytes.Little32(0x4C) == 0 ? SmallestInodeBytes : bytes.Little16(0x58);
        DescriptorBytes = Features.Has64Bit ? bytes.Little16(0xFE) : SmallDescriptorBytes;
        ReservedDescriptorBlocks = bytes.Little16(0xCE);
        FirstMetaGroup = bytes.Little32(0x104);
        BackupGroups = (bytes.Little32(0x24C), bytes.Little32(0x250));
    }

    /// <summary>What it can do.</summary>
    public ExtFeatures Features { get; }

    /// <summary>The first 16 bytes of group checksums of the older kind.</summary>
    public byte[] Uuid { get; }

    /// <summary>With what checksums of the newer kind begin.</summary>
    public uint Seed { get; }

    public int BlockBytes { get; }

    /// <summary>Blocks of the file system; all are inside the device.</summary>
    public long BlockCount { get; }

    /// <summary>The first block of group 0: 1 with blocks of 1 KiB that are not gathered into clusters, else 0.</summary>
    public long FirstDataBlock { get; }

    /// <summary>Blocks that one bit of a bitmap stands for.</summary>
    public int ClusterBlocks { get; }

    public long BlocksPerGroup { get; }

    public long InodesPerGroup { get; }

    public int InodeBytes { get; }

    public int DescriptorBytes { get; }

    /// <summary>Blocks kept behind each copy of the descriptors for a growth of the file system.</summary>
    public int ReservedDescriptorBlocks { get; }

    /// <summary>The first block of descriptors that lies in its own groups (meta_bg).</summary>
    public long FirstMetaGroup { get; }

    /// <summary>The two groups with a copy of the superblock, with sparse_super2; 0 is none.</summary>
    public (long First, long Second) BackupGroups { get; }

    /// <summary>Bits of a group's bitmap.</summary>
    public int ClustersPerGroup => (int)(BlocksPerGroup / ClusterBlocks);

    public int GroupCount => (int)((BlockCount - FirstDataBlock + BlocksPerGroup - 1) / BlocksPerGroup);

    public int InodeTableBlocks => (int)(((InodesPerGroup * InodeBytes) + BlockBytes - 1) / BlockBytes);

    public int DescriptorsPerBlock => BlockBytes / DescriptorBytes;

    public int DescriptorBlocks => (GroupCount + DescriptorsPerBlock - 1) / DescriptorsPerBlock;

    /// <summary>The block that the superblock is in.</summary>
    public long OwnBlock => OffsetBytes / BlockBytes;

    /// <summary>True if a superblock of this family is on the device, whatever state it is in.</summary>
    public static bool IsOn(MetadataReader reader) =>
        reader.LengthBytes >= OffsetBytes + SizeBytes && Bytes(reader).Little16(MagicAt) == Magic;

    /// <summary>Which of the three it is; one that uses nothing newer is what made it, as blkid(8) has it.</summary>
    public static string NameOf(MetadataReader reader) => new ExtFeatures(Bytes(reader)).FileSystemName;

    /// <summary>Reads and checks it.</summary>
    /// <exception cref="InvalidDataException">It is odd, damaged, of an unknown kind, or the file system is not clean.</exception>
    public static ExtSuperblock Read(MetadataReader reader)
    {
        var bytes = Bytes(reader);
        if (bytes.Little32(0x4C) > 1)
        {
            throw new InvalidDataException($"its revision {bytes.Little32(0x4C)} is not known");
        }

        var superblock = new ExtSuperblock(bytes);
        superblock.Features.Check();
        if (
            superblock.Features.HasMetadataChecksums
            && (
                bytes[0x175] != ChecksumIsCrc32C
                || MetadataChecksum.Crc32C(MetadataChecksum.Start, bytes[..ChecksumAt])
                    != bytes.Little32(ChecksumAt)
            )
        )
        {
            throw new InvalidDataException("the checksum of its superblock is wrong");
        }

        CheckClean(superblock.Features, bytes);
        superblock.CheckGeometry(bytes, reader.LengthBytes);
        return superblock;
    }

    /// <summary>The first block of a group.</summary>
    public long FirstBlockOf(int group) => FirstDataBlock + (group * BlocksPerGroup);

    /// <summary>Blocks of a group; the last one may be short.</summary>
    public long BlocksOf(int group) => Math.Min(BlocksPerGroup, BlockCount - FirstBlockOf(group));

    /// <summary>Where blocks lie on the device.</summary>
    public Extent ToBytes(long block, long count) => new(block * BlockBytes, count * BlockBytes);

    /// <summary>True if a group begins with a copy of the superblock.</summary>
    public bool HasSuperblock(int group)
    {
        if (group == 0)
        {
            return true;
        }

        if (Features.HasTwoBackups)
        {
            return group == BackupGroups.First || group == BackupGroups.Second;
        }

        return group == 1
            || !Features.HasSparseBackups
            || IsPower(group, 3)
            || IsPower(group, 5)
            || IsPower(group, 7);
    }

    private static bool IsPower(int number, int of)
    {
        while (number % of == 0)
        {
            number /= of;
        }

        return number == 1;
    }

    private static ReadOnlySpan<byte> Bytes(MetadataReader reader) => reader.Read(OffsetBytes, SizeBytes);

    // With a journal the flag to replay it is set before the first write of a mount and taken away by a freeze and by
    // an unmount (ext4_freeze, ext4_put_super in fs/ext4/super.c). Without one "valid" is taken away by the mount and
    // given back by the unmount; the ext2 driver gives it back when it freezes, the ext4 driver does not, and then it
    // can not be told from a crash.
    private static void CheckClean(ExtFeatures features, ReadOnlySpan<byte> bytes)
    {
        var state = bytes.Little16(0x3A);
        if (features.NeedsRecovery)
        {
            throw new InvalidDataException("its journal must be replayed: it was mounted, and not frozen");
        }

        if (features.HasJournal && (bytes.Little32(0xE0) == 0 || bytes.Little32(0xE4) != 0))
        {
            throw new InvalidDataException("its journal is on another device");
        }

        if ((state & StateErrors) != 0)
        {
            throw new InvalidDataException("it is marked as one with errors");
        }

        if ((state & (StateValid | StateOrphans)) != StateValid)
        {
            throw new InvalidDataException("it was not unmounted cleanly");
        }
    }

    private void CheckGeometry(ReadOnlySpan<byte> bytes, long deviceBytes)
    {
        var logBlockSize = bytes.Little32(0x18);
        var logClusterSize = bytes.Little32(0x1C);
        Require(logBlockSize <= MaxLogBlockSize, "block size");
        Require(
            !Features.HasClusters
                || (logClusterSize >= logBlockSize && logClusterSize - logBlockSize <= MaxLogClusterSize),
            "cluster size"
        );
        var firstIsOne = BlockBytes == OffsetBytes && !Features.HasClusters;
        Require(FirstDataBlock == (firstIsOne ? 1 : 0), "first data block");
        Require(
            BlockCount > FirstDataBlock && BlockCount <= deviceBytes / BlockBytes,
            $"number of blocks, on a device of {deviceBytes} bytes"
        );
        Require(
            BlocksPerGroup > 0
                && BlocksPerGroup % ClusterBlocks == 0
                && ClustersPerGroup % 8 == 0
                && BlocksPerGroup / ClusterBlocks <= 8L * BlockBytes
                && (!Features.HasClusters || bytes.Little32(0x24) == ClustersPerGroup),
            "number of blocks in a group"
        );
        Require(
            (BlockCount - FirstDataBlock + BlocksPerGroup - 1) / BlocksPerGroup <= MaxGroupCount,
            "number of groups"
        );
        Require(InodesPerGroup > 0 && InodesPerGroup <= 8L * BlockBytes, "number of inodes in a group");
        Require(InodesPerGroup * GroupCount == bytes.Little32(0x00), "number of inodes");
        Require(
            InodeBytes >= SmallestInodeBytes && InodeBytes <= BlockBytes && BitOperations.IsPow2(InodeBytes),
            "size of inodes"
        );
        Require(
            BitOperations.IsPow2(DescriptorBytes)
                && DescriptorBytes >= (Features.Has64Bit ? LargeDescriptorBytes : SmallDescriptorBytes)
                && DescriptorBytes <= MaxDescriptorBytes,
            "size of group descriptors"
        );
        Require(!Features.HasMetaGroups || FirstMetaGroup <= DescriptorBlocks, "first meta group");
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidDataException($"its superblock has an odd {what}");
        }
    }
}
