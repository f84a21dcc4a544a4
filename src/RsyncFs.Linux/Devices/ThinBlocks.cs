using System.Globalization;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Lvm;

namespace RsyncFs.Linux.Devices;

/// <summary>
/// The pool's blocks that a thin volume consists of, where zeros may be given back to the pool: a block that is not
/// mapped reads as zeros, and one that is mapped anew is zeroed first.
/// </summary>
/// <remarks>
/// dmsetup(8) table, Documentation/admin-guide/device-mapper/thin-provisioning.rst: <c>START LENGTH thin POOL ID
/// [EXTERNAL-ORIGIN]</c> and <c>START LENGTH thin-pool METADATA DATA BLOCK-SECTORS LOW-WATER COUNT [FEATURE]...</c>.
/// A pool that skips zeroing (<c>lvcreate -Zn</c>) shows old content beside what is written into a fresh block: in
/// such a pool nothing is given back. An external origin shows through where nothing is mapped.
/// </remarks>
/// <param name="blockBytes">Bytes of a block. A discard of less than a block does nothing.</param>
internal sealed class ThinBlocks(long blockBytes)
{
    private const int FieldsOfThin = 5;
    private const int PoolField = 3;
    private const int BlockSectorsField = 5;

    /// <summary>Those of the device of that <c>major:minor</c>; null if it is no thin volume, or one whose zeros must be written.</summary>
    public static ThinBlocks? Of(string number)
    {
        try
        {
            return
                BlockSysfs.IsMapped(number)
                && TableOf(number) is { Length: FieldsOfThin } volume
                && volume[2] is "thin"
                && TableOf(volume[PoolField]) is { } pool
                ? OfPool(pool)
                : null;
        }
        catch (DeviceException)
        {
            // It can not be asked (dmsetup is not installed, for one): zeros are written, as on any device.
            return null;
        }
    }

    /// <summary>By the words of a pool's table; null if its zeros must be written.</summary>
    public static ThinBlocks? OfPool(string[] table) =>
        table.Length > BlockSectorsField
        && table[2] is "thin-pool"
        && !table.Contains("skip_block_zeroing", StringComparer.Ordinal)
        && !table.Contains("ignore_discard", StringComparer.Ordinal)
        && long.TryParse(
            table[BlockSectorsField],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var sectors
        )
        && sectors > 0
            ? new ThinBlocks(sectors * DeviceRange.SectorSizeBytes)
            : null;

    /// <summary>The whole blocks inside <paramref name="extent"/>; null if there is none.</summary>
    public Extent? WholeIn(Extent extent)
    {
        var offset = (extent.OffsetBytes + blockBytes - 1) / blockBytes * blockBytes;
        var end = extent.EndBytes / blockBytes * blockBytes;
        return end > offset ? new Extent(offset, end - offset) : null;
    }

    /// <summary>The words of a device's table; null if it has more than one line, and so is made of several.</summary>
    private static string[]? TableOf(string number)
    {
        string[] parts = number.Split(':');
        var table = LvmTool.Run(ErrorId.TargetIo, "dmsetup", "table", "-j", parts[0], "-m", parts[^1]).Trim();
        return table.Contains('\n', StringComparison.Ordinal)
            ? null
            : table.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}
