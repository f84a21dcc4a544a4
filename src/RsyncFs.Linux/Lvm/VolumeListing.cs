using RsyncFs.Errors;

namespace RsyncFs.Linux.Lvm;

/// <summary>A volume, its thin pool and its snapshots, as LVM listed them at one moment.</summary>
internal sealed class VolumeListing
{
    private VolumeListing(LogicalVolume? volume, ThinPool? pool, IReadOnlyList<LogicalVolume> snapshots)
    {
        Volume = volume;
        Pool = pool;
        Snapshots = snapshots;
    }

    /// <summary>The volume; null if LVM does not know it.</summary>
    public LogicalVolume? Volume { get; }

    /// <summary>The pool that it lies in; null if it lies in none, or none was asked for.</summary>
    public ThinPool? Pool { get; }

    /// <summary>All snapshots of it, whoever took them.</summary>
    public IReadOnlyList<LogicalVolume> Snapshots { get; }

    /// <summary>Asks LVM, once.</summary>
    /// <param name="uuid">The volume.</param>
    /// <param name="poolUuid">Its pool; empty for none.</param>
    /// <exception cref="DeviceException">The volumes can not be listed.</exception>
    public static VolumeListing Of(string uuid, string poolUuid)
    {
        var selection = $"lv_uuid={uuid} || origin_uuid={uuid}";
        var listed = LogicalVolume.Select(
            poolUuid.Length == 0 ? selection : $"{selection} || lv_uuid={poolUuid}"
        );
        var pool = listed.FirstOrDefault(volume => IsEqual(volume.Uuid, poolUuid));
        return new VolumeListing(
            listed.FirstOrDefault(volume => IsEqual(volume.Uuid, uuid)),
            pool is null ? null : new ThinPool(pool),
            [.. listed.Where(volume => IsEqual(volume.OriginUuid, uuid))]
        );
    }

    private static bool IsEqual(string one, string other) =>
        string.Equals(one, other, StringComparison.Ordinal);
}
