using System.Text;

namespace RsyncFs.FileSystems;

/// <summary>
/// What else can lie on a device whose superblock of before is still there: a new owner of the device need not have
/// overwritten it, and then its map of free space is of another time.
/// </summary>
/// <remarks>
/// Only those that leave byte 0 or byte 1024 as it was are of interest. Places and values are those of libblkid's
/// probes (util-linux) and of the programs' own formats. The list can not be whole: a database that uses a bare
/// device has no signature.
/// </remarks>
internal static class OtherSignatures
{
    private const int TableEndBytes = 128 * 1024;
    private const int PartitionTableAt = 446;
    private const int PartitionEntryBytes = 16;
    private const int PartitionCount = 4;
    private const int UberblockCount = 128;
    private const int UberblockStepBytes = 1024;
    private const ulong UberblockMagic = 0x00bab10c;
    private const ulong UberblockMagicSwapped = 0x0cb1ba0000000000;

    // Each magic in Latin-1: one character a byte.
    private static readonly (int OffsetBytes, string Magic, string Name)[] Table =
    [
        (0, "LUKS\u00ba\u00be", "LUKS"),
        (0, "integrt\0", "dm-integrity"),
        (0, "dmvdo001", "VDO"),
        (0, "\u00fc\u004e\u002b\u00a9", "a RAID member (md)"),
        (4096, "\u00fc\u004e\u002b\u00a9", "a RAID member (md)"),
        (0, "LABELONE", "an LVM physical volume"),
        (512, "LABELONE", "an LVM physical volume"),
        (1024, "LABELONE", "an LVM physical volume"),
        (1536, "LABELONE", "an LVM physical volume"),
        (512, "EFI PART", "a GPT partition table"),
        (4096, "EFI PART", "a GPT partition table"),
        (3, "NTFS    ", "NTFS"),
        (3, "EXFAT   ", "exFAT"),
        (54, "FAT", "FAT"),
        (82, "FAT32   ", "FAT32"),
        (4086, "SWAPSPACE2", "swap space"),
        (4086, "SWAP-SPACE", "swap space"),
        (65526, "SWAPSPACE2", "swap space"),
        (4120, "\u00c6\u0085\u0073\u00f6\u004e\u001a\u0045\u00ca", "bcache"),
        (4120, "\u00c6\u0085\u0073\u00f6\u0066\u00ce\u0090\u00a9", "bcachefs"),
        (32768, "JFS1", "JFS"),
        (65536, "\u0001\u0016\u0019\u0070", "GFS2"),
        (65588, "ReIsEr", "reiserfs"),
        (65600, "_BHRfS_M", "btrfs"),
    ];

    /// <summary>The first of them that is there; null if none is.</summary>
    public static string? Find(MetadataReader reader)
    {
        var begin = reader.Read(0, (int)Math.Min(TableEndBytes, reader.LengthBytes));
        foreach (var (offset, magic, name) in Table)
        {
            if (
                offset + magic.Length <= begin.Length
                && begin.AsSpan(offset).StartsWith(Encoding.Latin1.GetBytes(magic))
            )
            {
                return name;
            }
        }

        return HasPartitions(begin) ? "a partition table"
            : HasUberblock(reader) ? "ZFS"
            : null;
    }

    // Boot code in the place of the table is taken for one: rather a doubt too many.
    private static bool HasPartitions(ReadOnlySpan<byte> begin)
    {
        const int SignatureAt = 510;
        const ushort Signature = 0xAA55;
        if (begin.Length < 512 || begin.Little16(SignatureAt) != Signature)
        {
            return false;
        }

        for (var entry = 0; entry < PartitionCount; entry++)
        {
            var at = PartitionTableAt + (entry * PartitionEntryBytes);
            if (begin[at + 4] != 0 && begin.Little32(at + 12) != 0)
            {
                return true;
            }
        }

        return false;
    }

    // ZFS leaves the first 8 KiB of a device alone; its first ring of uberblocks begins at 128 KiB (ZFS On-Disk Specification, 1.2).
    private static bool HasUberblock(MetadataReader reader)
    {
        Span<byte> magic = stackalloc byte[sizeof(ulong)];
        for (var slot = 0; slot < UberblockCount; slot++)
        {
            var at = TableEndBytes + (slot * (long)UberblockStepBytes);
            if (at + magic.Length > reader.LengthBytes)
            {
                return false;
            }

            reader.Read(at, magic);
            if (((ReadOnlySpan<byte>)magic).Little64(0) is UberblockMagic or UberblockMagicSwapped)
            {
                return true;
            }
        }

        return false;
    }
}
