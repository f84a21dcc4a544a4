using System.Numerics;
using RsyncFs.Blocks;

namespace RsyncFs.FileSystems;

/// <summary>
/// The superblock of XFS, versions 4 and 5, checked: where its allocation groups and its log are. Names, places and
/// limits are those of "XFS Algorithms &amp; Data Structures" and the kernel's fs/xfs/libxfs/xfs_format.h.
/// </summary>
internal sealed class XfsSuperblock
{
    /// <summary>Bytes of the unit in which XFS counts places on a disk ("basic block").</summary>
    public const int SectorUnitBytes = 512;

    /// <summary>Far more than any file system has: a group is 16 MiB at least.</summary>
    private const int MaxGroupCount = 1024 * 1024;

    private const uint Magic = 0x58465342; // XFSB
    private const int ChecksumAt = 224;
    private const int MinSectorBytes = 512;
    private const int MaxSectorBytes = 32 * 1024;
    private const int MaxBlockBytes = 64 * 1024;
    private const int MinGroupBlocks = 64;
    private const long MaxLogBytes = int.MaxValue;

    private const int VersionMask = 0xF;
    private const int VersionWithLogV2 = 0x0400;

    // File types in directories, sparse inodes, an own uuid for metadata, big times, large extent counts, exchange of
    // ranges, parent pointers. Not: "needs repair", a directory of metadata, zones.
    private const uint IncompatKnown = 0x1 | 0x2 | IncompatMetaUuid | 0x8 | 0x20 | 0x40 | 0x80;
    private const uint IncompatMetaUuid = 0x4;

    // Free inode tree, reverse map, reflink, counts of inode trees.
    private const uint RoCompatKnown = 0xF;

    private XfsSuperblock(ReadOnlySpan<byte> bytes)
    {
        var version = bytes.Big16(100);
        HasChecksums = (version & VersionMask) == 5;
        HasLogV2 = HasChecksums || (version & VersionWithLogV2) != 0;
        BlockBytes = (int)bytes.Big32(4);
        SectorBytes = bytes.Big16(102);
        BlockCount = (long)bytes.Big64(8);
        GroupBlocks = bytes.Big32(84);
        GroupCount = (int)bytes.Big32(88);
        LogUuid = bytes.Slice(32, 16).ToArray();
        MetadataUuid =
            HasChecksums && (bytes.Big32(216) & IncompatMetaUuid) != 0
                ? bytes.Slice(248, 16).ToArray()
                : LogUuid;
        LogBlockCount = bytes.Big32(96);
        var groupBits = bytes[124];
        var logStart = bytes.Big64(48);
        (LogGroup, LogBlock) =
            groupBits < 32
                ? ((long)(logStart >> groupBits), (long)(logStart & ((1UL << groupBits) - 1)))
                : (long.MaxValue, 0);
    }

    /// <summary>Version 5: metadata have checksums and say where they belong.</summary>
    public bool HasChecksums { get; }

    /// <summary>Log records may be larger than 32 KiB.</summary>
    public bool HasLogV2 { get; }

    public int BlockBytes { get; }

    public int SectorBytes { get; }

    /// <summary>Blocks of the data section; all are inside the device.</summary>
    public long BlockCount { get; }

    /// <summary>Blocks of an allocation group; the last may be short.</summary>
    public long GroupBlocks { get; }

    public int GroupCount { get; }

    /// <summary>The uuid in records of the log.</summary>
    public byte[] LogUuid { get; }

    /// <summary>The uuid in metadata with checksums.</summary>
    public byte[] MetadataUuid { get; }

    /// <summary>The allocation group that the log is in.</summary>
    public long LogGroup { get; }

    /// <summary>The first block of the log, in its group.</summary>
    public long LogBlock { get; }

    public long LogBlockCount { get; }

    /// <summary>True if a superblock of XFS is on the device, whatever state it is in.</summary>
    public static bool IsOn(MetadataReader reader) =>
        reader.LengthBytes >= MinSectorBytes && Start(reader).Big32(0) == Magic;

    /// <summary>Reads and checks it.</summary>
    /// <exception cref="InvalidDataException">It is odd, damaged, or of an unknown kind.</exception>
    public static XfsSuperblock Read(MetadataReader reader)
    {
        var start = Start(reader);
        var version = start.Big16(100) & VersionMask;
        if (version is not (4 or 5))
        {
            throw new InvalidDataException($"its version {version} is not known");
        }

        var superblock = new XfsSuperblock(start);
        superblock.CheckGeometry(start, reader.LengthBytes);
        if (superblock.HasChecksums)
        {
            superblock.Verify(reader.Read(0, superblock.SectorBytes), ChecksumAt, "superblock");
            CheckFeatures(start);
        }

        return superblock;
    }

    /// <summary>Blocks of a group.</summary>
    public long BlocksOf(int group) => Math.Min(GroupBlocks, BlockCount - (group * GroupBlocks));

    /// <summary>Where blocks of a group lie on the device.</summary>
    public Extent ToBytes(int group, long block, long count) =>
        new(((group * GroupBlocks) + block) * BlockBytes, count * BlockBytes);

    /// <summary>Doubts metadata whose checksum, kept in it, is wrong. Version 4 has none.</summary>
    /// <exception cref="InvalidDataException">It is.</exception>
    public void Verify(ReadOnlySpan<byte> bytes, int checksumAt, string what)
    {
        if (
            HasChecksums
            && ~MetadataChecksum.Crc32CAround(MetadataChecksum.Start, bytes, checksumAt)
                != bytes.Little32(checksumAt)
        )
        {
            throw new InvalidDataException($"the checksum of its {what} is wrong");
        }
    }

    private static ReadOnlySpan<byte> Start(MetadataReader reader) => reader.Read(0, MinSectorBytes);

    private static void CheckFeatures(ReadOnlySpan<byte> bytes)
    {
        var incompat = bytes.Big32(216) & ~IncompatKnown;
        var roCompat = bytes.Big32(212) & ~RoCompatKnown;
        if (incompat != 0 || roCompat != 0)
        {
            throw new InvalidDataException(
                $"it has features that are not known: incompat 0x{incompat:x}, ro_compat 0x{roCompat:x}"
            );
        }
    }

    private void CheckGeometry(ReadOnlySpan<byte> bytes, long deviceBytes)
    {
        Require(bytes[126] == 0, "mark: it is being made");
        Require(
            BitOperations.IsPow2(SectorBytes)
                && SectorBytes is >= MinSectorBytes and <= MaxSectorBytes
                && SectorBytes <= deviceBytes
                && bytes[121] == BitOperations.Log2((uint)SectorBytes),
            "sector size"
        );
        Require(
            BlockBytes >= SectorBytes
                && BlockBytes <= MaxBlockBytes
                && BitOperations.IsPow2(BlockBytes)
                && bytes[120] == BitOperations.Log2((uint)BlockBytes),
            "block size"
        );
        Require(
            BlockCount > 0 && BlockCount <= deviceBytes / BlockBytes,
            $"number of blocks, on a device of {deviceBytes} bytes"
        );
        Require(
            GroupBlocks is >= MinGroupBlocks and <= int.MaxValue
                && bytes[124] == BitOperations.Log2((uint)GroupBlocks - 1) + 1,
            "size of allocation groups"
        );
        Require(
            GroupCount is > 0 and <= MaxGroupCount
                && (GroupCount - 1) * GroupBlocks < BlockCount
                && GroupCount * GroupBlocks >= BlockCount,
            "number of allocation groups"
        );
        Require(BlocksOf(GroupCount - 1) >= MinGroupBlocks, "size of the last allocation group");
        if (bytes.Big64(48) == 0)
        {
            throw new InvalidDataException("its log is on another device");
        }

        Require(
            LogBlockCount > 0
                && LogBlockCount * BlockBytes <= MaxLogBytes
                && LogGroup < GroupCount
                && LogBlockCount <= BlocksOf((int)LogGroup) - LogBlock,
            "place of its log"
        );
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidDataException($"its superblock has an odd {what}");
        }
    }
}
