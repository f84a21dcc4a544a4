namespace RsyncFs.FileSystems;

/// <summary>The feature flags of an ext2/3/4 superblock. What changes the meaning of the block map and is not known is doubt.</summary>
internal sealed class ExtFeatures
{
    // s_feature_compat: nothing in it changes the block map, so unknown ones are of no interest.
    private const uint CompatJournal = 0x4;
    private const uint CompatSparseSuper2 = 0x200;

    private const uint IncompatFileType = 0x2;
    private const uint IncompatRecover = 0x4;
    private const uint IncompatMetaGroups = 0x10;
    private const uint Incompat64Bit = 0x80;
    private const uint IncompatSeed = 0x2000;

    // File types, extents, 64 bits, MMP, flexible groups, values in inodes, data in directories, the seed, large
    // directories, inline data, encryption, names without case. Not: compression, an external journal's own device.
    private const uint IncompatKnown =
        IncompatFileType
        | IncompatRecover
        | IncompatMetaGroups
        | 0x40
        | Incompat64Bit
        | 0x100
        | 0x200
        | 0x400
        | 0x1000
        | IncompatSeed
        | 0x4000
        | 0x8000
        | 0x10000
        | 0x20000;

    private const uint IncompatOfExt3 = IncompatFileType | IncompatRecover | IncompatMetaGroups;

    private const uint RoCompatSparseSuper = 0x1;
    private const uint RoCompatGroupChecksums = 0x10;
    private const uint RoCompatClusters = 0x200;
    private const uint RoCompatMetadataChecksums = 0x400;
    private const uint RoCompatOfExt3 = 0x7;

    // Sparse copies, large files, sorted directories, huge files, group checksums, many links, extra inode fields,
    // quota, clusters, metadata checksums, read-only, projects, verity, orphans present. Not: snapshots, replicas,
    // shared blocks.
    private const uint RoCompatKnown =
        0x7 | 0x8 | 0x10 | 0x20 | 0x40 | 0x100 | 0x200 | 0x400 | 0x1000 | 0x2000 | 0x8000 | 0x10000;

    private readonly uint _compat;
    private readonly uint _incompat;
    private readonly uint _roCompat;

    /// <summary>Takes them from the bytes of a superblock; one of revision 0 has none.</summary>
    public ExtFeatures(ReadOnlySpan<byte> superblock)
    {
        if (superblock.Little32(0x4C) == 0)
        {
            return;
        }

        _compat = superblock.Little32(0x5C);
        _incompat = superblock.Little32(0x60);
        _roCompat = superblock.Little32(0x64);
    }

    public bool HasJournal => (_compat & CompatJournal) != 0;

    /// <summary>Copies of the superblock are in two groups that the superblock names.</summary>
    public bool HasTwoBackups => (_compat & CompatSparseSuper2) != 0;

    /// <summary>Copies of the superblock are only in groups 0, 1 and the powers of 3, 5 and 7.</summary>
    public bool HasSparseBackups => (_roCompat & RoCompatSparseSuper) != 0;

    public bool NeedsRecovery => (_incompat & IncompatRecover) != 0;

    public bool HasMetaGroups => (_incompat & IncompatMetaGroups) != 0;

    public bool Has64Bit => (_incompat & Incompat64Bit) != 0;

    /// <summary>The seed of checksums is a field, and not made from the uuid.</summary>
    public bool HasSeed => (_incompat & IncompatSeed) != 0;

    /// <summary>A bit of a bitmap stands for several blocks (bigalloc).</summary>
    public bool HasClusters => (_roCompat & RoCompatClusters) != 0;

    public bool HasMetadataChecksums => (_roCompat & RoCompatMetadataChecksums) != 0;

    /// <summary>Group descriptors have a checksum of either kind, and flags that mean something.</summary>
    public bool HasGroupChecksums => (_roCompat & (RoCompatGroupChecksums | RoCompatMetadataChecksums)) != 0;

    public string FileSystemName =>
        (_incompat & ~IncompatOfExt3) != 0 || (_roCompat & ~RoCompatOfExt3) != 0 ? "ext4"
        : HasJournal ? "ext3"
        : "ext2";

    /// <summary>Doubts what it does not know.</summary>
    /// <exception cref="InvalidDataException">There is such a flag.</exception>
    public void Check()
    {
        if ((_incompat & ~IncompatKnown) != 0 || (_roCompat & ~RoCompatKnown) != 0)
        {
            throw new InvalidDataException(
                $"it has features that are not known: incompat 0x{_incompat & ~IncompatKnown:x}, ro_compat 0x{_roCompat & ~RoCompatKnown:x}"
            );
        }
    }
}
