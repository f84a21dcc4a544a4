using System.Globalization;
using System.Text.Json;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;

namespace RsyncFs.Linux.Lvm;

/// <summary>A logical volume as <c>lvs</c> reports it.</summary>
internal sealed record LogicalVolume
{
    // Of a classic snapshot lv_size is that of its copy-on-write space; the size of the volume is its origin's.
    private const string Fields =
        "vg_name,vg_uuid,vg_free,vg_extent_size,lv_name,lv_uuid,lv_layout,lv_role,lv_size,lv_active,"
        + "lv_tags,lv_snapshot_invalid,snap_percent,origin,origin_uuid,origin_size,pool_lv,pool_lv_uuid,"
        + "lv_suspended,thin_id,data_percent,metadata_percent,metadata_lv_uuid,transaction_id,lv_time";

    private readonly Dictionary<string, string> _values;

    private LogicalVolume(Dictionary<string, string> values) => _values = values;

    public string Group => _values["vg_name"];

    public string GroupUuid => _values["vg_uuid"];

    /// <summary>Its name in its group; brackets, which mean hidden, are dropped.</summary>
    public string Name => _values["lv_name"].Trim('[', ']');

    public string Uuid => _values["lv_uuid"];

    /// <summary>Group and name, as the commands take it.</summary>
    public string FullName => $"{Group}/{Name}";

    public long SizeBytes => NumberOf("lv_size");

    public long GroupFreeBytes => NumberOf("vg_free");

    public long GroupExtentBytes => NumberOf("vg_extent_size");

    public bool IsActive => _values["lv_active"].Length > 0;

    /// <summary>True while its writers are held: nothing of it may be removed then.</summary>
    public bool IsSuspended => string.Equals(_values["lv_suspended"], "1", StringComparison.Ordinal);

    public bool IsSnapshot => Has("lv_role", "snapshot");

    /// <summary>True if it lies in a thin pool.</summary>
    public bool IsThin => Has("lv_layout", "thin") && _values["pool_lv"].Length > 0;

    public bool IsThinPool => Has("lv_layout", "pool") && Has("lv_layout", "thin");

    /// <summary>The uuid of the pool that it lies in; empty if it lies in none.</summary>
    public string PoolUuid => _values["pool_lv_uuid"];

    /// <summary>The uuid of the volume in which a pool keeps its metadata.</summary>
    public string MetadataUuid => _values["metadata_lv_uuid"];

    /// <summary>Its number in the pool.</summary>
    public string ThinId => _values["thin_id"];

    /// <summary>The name of what it is a snapshot of, in the same group; empty once that was removed.</summary>
    public string Origin => _values["origin"].Trim('[', ']');

    public string OriginUuid => _values["origin_uuid"];

    /// <summary>True if it is a classic snapshot that ran full: nothing of it can be read for certain any more.</summary>
    public bool IsOverflown => string.Equals(_values["lv_snapshot_invalid"], "1", StringComparison.Ordinal);

    /// <summary>How full a classic snapshot, or the data of a pool, is, in percent; 0 where that is not known.</summary>
    public double FillPercent => PercentOf("snap_percent");

    public double DataPercent => PercentOf("data_percent");

    public double MetadataPercent => PercentOf("metadata_percent");

    public IReadOnlyList<string> Tags => _values["lv_tags"].Split(',', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Its device node as it is now, with and without udev; null while it is not active, or if it is not there any more.</summary>
    public string? FindNode() => BlockSysfs.NodeOfMapped(MappedUuid(""));

    /// <summary>All volumes of the machine that <paramref name="selection"/> (lvmreport(7)) selects.</summary>
    /// <exception cref="DeviceException">They can not be listed.</exception>
    public static IReadOnlyList<LogicalVolume> Select(string selection)
    {
        var json = LvmTool.Run(
            ErrorId.SnapshotCreate,
            "lvs",
            "-a",
            "--reportformat",
            "json",
            "--binary",
            "--units",
            "b",
            "--nosuffix",
            "-o",
            Fields,
            "-S",
            selection
        );
        using var document = JsonDocument.Parse(json);
        return
        [
            .. document
                .RootElement.GetProperty("report")[0]
                .GetProperty("lv")
                .EnumerateArray()
                .Select(volume => new LogicalVolume(
                    volume
                        .EnumerateObject()
                        .ToDictionary(
                            field => field.Name,
                            field => field.Value.GetString() ?? "",
                            StringComparer.Ordinal
                        )
                )),
        ];
    }

    /// <summary>The volume of that uuid, or null.</summary>
    /// <exception cref="DeviceException">The volumes can not be listed.</exception>
    public static LogicalVolume? Find(string uuid) =>
        Select($"lv_uuid={uuid}") is [var volume, ..] ? volume : null;

    /// <summary>
    /// True while the writers of a volume are held, now. LVM's commands hold them for an instant: that does not count, as
    /// <c>lvs</c> waits until such a command is done.
    /// </summary>
    /// <exception cref="DeviceException">LVM can not be asked.</exception>
    public static bool IsHeld(string groupUuid, string uuid) =>
        BlockSysfs.IsSuspendedMapped(MappedUuidOf(groupUuid, uuid, ""))
        && Find(uuid) is { IsSuspended: true };

    /// <summary>
    /// The uuids of group and volume of a mapped device, from its own uuid (<c>LVM-</c>, 32 characters of the group, 32 of
    /// the volume); null if it is none of LVM's, or one of its inner devices.
    /// </summary>
    public static string? UuidOf(string mappedUuid)
    {
        const string Prefix = "LVM-";
        const int Length = 32;
        if (
            !mappedUuid.StartsWith(Prefix, StringComparison.Ordinal)
            || mappedUuid.Length != Prefix.Length + (2 * Length)
        )
        {
            return null;
        }

        // As LVM prints it: 6-4-4-4-4-4-6.
        var volume = mappedUuid[(Prefix.Length + Length)..];
        int[] lengths = [6, 4, 4, 4, 4, 4, 6];
        var at = 0;
        return string.Join(
            '-',
            lengths.Select(length =>
            {
                at += length;
                return volume[(at - length)..at];
            })
        );
    }

    /// <summary>The uuid of one of its mapped devices: its own with "", or an inner one (<c>-cow</c>, <c>-tpool</c>).</summary>
    public string MappedUuid(string layer) => MappedUuidOf(GroupUuid, Uuid, layer);

    /// <summary>The uuid of a mapped device of a volume that is known by its own uuid only.</summary>
    public static string MappedUuidOf(string groupUuid, string uuid, string layer) =>
        $"LVM-{groupUuid.Replace("-", "", StringComparison.Ordinal)}{uuid.Replace("-", "", StringComparison.Ordinal)}{layer}";

    private bool Has(string field, string word) =>
        _values[field].Split(',').Contains(word, StringComparer.Ordinal);

    private long NumberOf(string field) =>
        long.TryParse(_values[field], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;

    private double PercentOf(string field) =>
        double.TryParse(
            _values[field],
            NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out var percent
        )
            ? percent
            : 0;
}
