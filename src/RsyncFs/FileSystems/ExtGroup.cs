namespace RsyncFs.FileSystems;

/// <summary>What a group descriptor says, checked against its checksum.</summary>
/// <param name="BitmapBlock">Where the map of its blocks is.</param>
/// <param name="InodeBitmapBlock">Where the map of its inodes is.</param>
/// <param name="InodeTableBlock">Where its inodes begin.</param>
/// <param name="FreeClusterCount">How many bits of the map are zero.</param>
/// <param name="HasNoBitmap">The map was never written: only metadata is in the group.</param>
/// <param name="BitmapChecksum">The checksum of the map.</param>
internal readonly record struct ExtGroup(
    long BitmapBlock,
    long InodeBitmapBlock,
    long InodeTableBlock,
    long FreeClusterCount,
    bool HasNoBitmap,
    uint BitmapChecksum
)
{
    private const int ChecksumAt = 0x1E;
    private const int HighHalfAt = 0x20;
    private const ushort BlockUninit = 0x2;

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidDataException">Its checksum is wrong, or it names blocks that there are not.</exception>
    public static ExtGroup Read(ExtSuperblock superblock, int number, ReadOnlySpan<byte> bytes)
    {
        if (
            superblock.Features.HasGroupChecksums
            && ChecksumOf(superblock, number, bytes) != bytes.Little16(ChecksumAt)
        )
        {
            throw new InvalidDataException($"the checksum of the descriptor of group {number} is wrong");
        }

        var group = new ExtGroup(
            Wide(bytes, 0x00, 0x20),
            Wide(bytes, 0x04, 0x24),
            Wide(bytes, 0x08, 0x28),
            bytes.Little16(0x0C) | (IsLarge(bytes) ? (long)bytes.Little16(0x2C) << 16 : 0),
            superblock.Features.HasGroupChecksums && (bytes.Little16(0x12) & BlockUninit) != 0,
            bytes.Little16(0x18) | (IsLarge(bytes) ? (uint)bytes.Little16(0x38) << 16 : 0)
        );
        var isInside =
            IsInside(superblock, group.BitmapBlock, 1)
            && IsInside(superblock, group.InodeBitmapBlock, 1)
            && IsInside(superblock, group.InodeTableBlock, superblock.InodeTableBlocks);
        return isInside
            ? group
            : throw new InvalidDataException($"the descriptor of group {number} names blocks outside");
    }

    /// <summary>True if the map of the group's blocks is what its checksum was made of, or if there is no checksum.</summary>
    public bool IsIntact(ExtSuperblock superblock, ReadOnlySpan<byte> bitmap)
    {
        if (!superblock.Features.HasMetadataChecksums)
        {
            return true;
        }

        var checksum = MetadataChecksum.Crc32C(superblock.Seed, bitmap[..(superblock.ClustersPerGroup / 8)]);
        return BitmapChecksum
            == (IsLarge(superblock.DescriptorBytes) ? checksum : checksum & ushort.MaxValue);
    }

    // ext4_group_desc_csum in fs/ext4/super.c: the uuid or the seed made from it, the group's number, and the descriptor.
    private static ushort ChecksumOf(ExtSuperblock superblock, int number, ReadOnlySpan<byte> bytes)
    {
        Span<byte> group = stackalloc byte[sizeof(int)];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(group, number);
        var before = bytes[..ChecksumAt];
        var behind = bytes[HighHalfAt..];
        if (superblock.Features.HasMetadataChecksums)
        {
            var wide = MetadataChecksum.Crc32C(superblock.Seed, group);
            wide = MetadataChecksum.Crc32C(wide, before);
            wide = MetadataChecksum.Crc32C(wide, [0, 0]);
            return (ushort)MetadataChecksum.Crc32C(wide, behind);
        }

        var narrow = MetadataChecksum.Crc16(unchecked((ushort)MetadataChecksum.Start), superblock.Uuid);
        narrow = MetadataChecksum.Crc16(narrow, group);
        narrow = MetadataChecksum.Crc16(narrow, before);
        return MetadataChecksum.Crc16(narrow, behind);
    }

    private static bool IsInside(ExtSuperblock superblock, long block, long count) =>
        block >= superblock.FirstDataBlock
        && block > superblock.OwnBlock
        && count <= superblock.BlockCount - block;

    private static long Wide(ReadOnlySpan<byte> bytes, int lowAt, int highAt)
    {
        var value = bytes.Little32(lowAt) | (IsLarge(bytes) ? (ulong)bytes.Little32(highAt) << 32 : 0);
        return value <= long.MaxValue ? (long)value : -1;
    }

    private static bool IsLarge(ReadOnlySpan<byte> bytes) => IsLarge(bytes.Length);

    private static bool IsLarge(int descriptorBytes) => descriptorBytes >= 2 * HighHalfAt;
}
