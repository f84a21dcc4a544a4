using System.Security.Cryptography;
using System.Text;
using RsyncFs.Errors;

namespace RsyncFs.Linux.Lvm;

/// <summary>
/// How snapshots that this program took are known, and removed. What it made bears all of these: name, both tags, and
/// being a snapshot; nothing else is ever removed (C18).
/// </summary>
internal static class OwnSnapshots
{
    /// <summary>On every snapshot of this program, whichever machine took it.</summary>
    public const string Tag = "rsyncfs";

    /// <summary>How their names begin.</summary>
    public const string NamePrefix = "rsyncfs-";

    /// <summary>A name that no other has.</summary>
    public static string NewName() =>
        NamePrefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));

    /// <summary>The tag of those that <paramref name="owner"/> took: a machine, and the state of a source that remembers them.</summary>
    public static string TagOf(string owner) =>
        $"{Tag}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(owner)).AsSpan(0, 8))}";

    /// <summary>All volumes that bear the common tag, whoever made them.</summary>
    /// <exception cref="DeviceException">They can not be listed.</exception>
    public static IReadOnlyList<LogicalVolume> Tagged() => LogicalVolume.Select($"lv_tags={Tag}");

    /// <summary>True for a snapshot that bears all that ours bear, and <paramref name="ownTag"/>.</summary>
    public static bool IsOf(string ownTag, LogicalVolume volume) =>
        volume.IsSnapshot
        && volume.Name.StartsWith(NamePrefix, StringComparison.Ordinal)
        && volume.Tags.Contains(ownTag, StringComparer.Ordinal);

    /// <summary>Removes it; in words what was in the way, or null.</summary>
    public static string? Remove(LogicalVolume snapshot)
    {
        try
        {
            using var alone = VolumeLocks.Take([snapshot.OriginUuid]);
            if (LogicalVolume.IsHeld(snapshot.GroupUuid, snapshot.OriginUuid))
            {
                // LVM would resume it unasked, and leave its metadata broken.
                return $"{snapshot.FullName}: {snapshot.Group}/{snapshot.Origin} is suspended";
            }

            LvmTool.Run(ErrorId.SnapshotCreate, "lvremove", "-q", "-f", snapshot.FullName);
            return null;
        }
        catch (RsyncFsException failure)
        {
            return $"{snapshot.FullName}: {failure.Cause ?? failure.Message}";
        }
    }
}
