namespace RsyncFs.FileSystems;

/// <summary>The header of the free space of one allocation group (AGF), checked.</summary>
/// <param name="Number">Which group.</param>
/// <param name="BlockCount">Blocks of the group.</param>
/// <param name="RootBlock">The root of the tree of free runs in the order of their blocks.</param>
/// <param name="LevelCount">Levels of that tree.</param>
/// <param name="FreeBlockCount">Blocks of all runs in the tree.</param>
internal readonly record struct XfsGroup(
    int Number,
    long BlockCount,
    long RootBlock,
    int LevelCount,
    long FreeBlockCount
)
{
    /// <summary>XFS_BTREE_MAXLEVELS.</summary>
    public const int MaxLevelCount = 9;

    private const uint Magic = 0x58414746; // XAGF
    private const uint Version = 1;
    private const int ChecksumAt = 216;
    private const int HeaderSectorCount = 4;

    /// <summary>Reads that of group <paramref name="number"/>: it is in the second sector of the group.</summary>
    /// <exception cref="InvalidDataException">It is odd or damaged.</exception>
    public static XfsGroup Read(MetadataReader reader, XfsSuperblock superblock, int number)
    {
        var at = superblock.ToBytes(number, 0, 0).OffsetBytes + superblock.SectorBytes;
        ReadOnlySpan<byte> bytes = reader.Read(at, superblock.SectorBytes);
        var group = new XfsGroup(
            number,
            bytes.Big32(12),
            bytes.Big32(16),
            (int)Math.Min(bytes.Big32(28), int.MaxValue),
            bytes.Big32(52)
        );
        superblock.Verify(bytes, ChecksumAt, $"header of allocation group {number}");
        var isOurs =
            bytes.Big32(0) == Magic
            && bytes.Big32(4) == Version
            && bytes.Big32(8) == number
            && (!superblock.HasChecksums || bytes.Slice(64, 16).SequenceEqual(superblock.MetadataUuid));
        return
            isOurs
            && group.BlockCount == superblock.BlocksOf(number)
            && group.LevelCount is > 0 and <= MaxLevelCount
            && group.FreeBlockCount <= group.BlockCount
            ? group
            : throw new InvalidDataException($"the header of allocation group {number} is odd");
    }

    /// <summary>Blocks of the group, from its first on, that hold its headers: superblock, AGF, AGI and AGFL, a sector each.</summary>
    public static int HeaderBlocks(XfsSuperblock superblock) =>
        ((HeaderSectorCount * superblock.SectorBytes) + superblock.BlockBytes - 1) / superblock.BlockBytes;
}
