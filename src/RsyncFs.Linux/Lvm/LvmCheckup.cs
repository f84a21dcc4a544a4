using RsyncFs.Errors;
using RsyncFs.Linux.Devices;

namespace RsyncFs.Linux.Lvm;

/// <summary>What may be left of this program in LVM and the device-mapper. Looking changes nothing.</summary>
public static class LvmCheckup
{
    // A command of LVM suspends a volume for an instant; what is suspended still after this was left so.
    private static readonly TimeSpan ASuspendLasts = TimeSpan.FromSeconds(2);

    /// <summary>Why there is nothing to look at on this machine, in words for a person; null if there may be.</summary>
    public static string? Obstacle() =>
        !IsDeviceMapperThere() ? "this machine has no device-mapper"
        : !LvmTool.IsInstalled("lvs") ? "lvm2 is not installed"
        : !Environment.IsPrivilegedProcess ? "only root can ask LVM"
        : null;

    /// <summary>True if the kernel has the device-mapper.</summary>
    public static bool IsDeviceMapperThere()
    {
        const string Registered = "/proc/misc";
        return File.Exists(Registered)
            && File.ReadLines(Registered)
                .Any(line => line.EndsWith(" device-mapper", StringComparison.Ordinal));
    }

    /// <summary>The snapshots that bear the tag of this program, whoever took them; and volumes that may be what is left of one.</summary>
    /// <exception cref="DeviceException">They can not be listed.</exception>
    public static IReadOnlyList<TaggedSnapshot> Snapshots() =>
        [
            .. OwnSnapshots
                .Tagged()
                .Where(volume =>
                    volume.IsSnapshot
                    || volume.Name.StartsWith(OwnSnapshots.NamePrefix, StringComparison.Ordinal)
                )
                .Select(volume => new TaggedSnapshot(volume)),
        ];

    /// <summary>Snapshots of thin volumes that LVM does not list and of which these files of sources say nothing: name, and number in the pool.</summary>
    /// <param name="files">The names of all files in the state directories of the sources of this machine.</param>
    public static IReadOnlyList<(string Name, string Number)> UnnotedPoolSnapshots(
        IEnumerable<string> files
    ) => [.. Lvm.PoolSnapshots.Unnoted(files)];

    /// <summary>The thin pools whose metadata somebody holds, or held and was killed, at this moment without working on it.</summary>
    /// <exception cref="DeviceException">They can not be asked.</exception>
    public static IReadOnlyList<HeldMetadata> HeldMetadata() =>
        [
            .. LogicalVolume
                .Select("segtype=thin-pool")
                .Where(volume => volume.IsActive)
                .Select(volume => new ThinPool(volume).FindLeftHeld())
                .OfType<HeldMetadata>(),
        ];

    /// <summary>The names of the mapped devices that are suspended, and not only for an instant: what is written to them waits.</summary>
    public static IReadOnlyList<string> Suspended(TimeProvider clock)
    {
        var first = BlockSysfs.SuspendedMapped().ToList();
        if (first.Count == 0)
        {
            return [];
        }

        using var over = new ManualResetEventSlim();
        using var timer = clock.CreateTimer(
            _ => over.Set(),
            state: null,
            ASuspendLasts,
            Timeout.InfiniteTimeSpan
        );
        over.Wait();
        return [.. first.Intersect(BlockSysfs.SuspendedMapped(), StringComparer.Ordinal)];
    }
}
