using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Devices;

/// <summary>What names a device, and what else looks like it, found out without opening it for good.</summary>
public static class DeviceIdentity
{
    private const string DeviceFolder = "/dev";

    private static readonly string[] FoldersWithoutDisks =
    [
        "char",
        "fd",
        "hugepages",
        "input",
        "mqueue",
        "net",
        "pts",
        "shm",
        "snd",
    ];

    /// <summary>What names the device itself, as <see cref="RsyncFs.Devices.IBlockDevice.StableId"/> does; empty for an image, and where nothing is.</summary>
    public static string StableIdOf(string path) =>
        DeviceSet.StableIdOf([.. DevicePaths.Split(path).Select(StableIdOfOne)]);

    private static string StableIdOfOne(string path) =>
        NativeFile.Stat(path, out var status) == 0 && status.IsBlockDevice
            ? BlockSysfs.StableIdOf(status.NodeNumber)
            : "";

    /// <summary>True if a block device is at the path.</summary>
    public static bool IsBlockDevice(string path) =>
        DevicePaths
            .Split(path)
            .All(member => NativeFile.Stat(member, out var status) == 0 && status.IsBlockDevice);

    /// <summary>
    /// Every path below /dev that leads to the device, in ordinal order: the kernel's name, and the links that udev
    /// made. Empty for what is no block device.
    /// </summary>
    public static IReadOnlyList<string> NamesOf(string path)
    {
        if (NativeFile.Stat(path, out var status) != 0 || !status.IsBlockDevice)
        {
            return [];
        }

        var isSame = status;
        return
        [
            .. Nodes()
                .Where(name => NativeFile.Stat(name, out var other) == 0 && other.IsSameBlockDevice(isSame))
                .Append($"{DeviceFolder}/{BlockSysfs.KernelName(status.NodeNumber)}")
                .Append(Path.GetFullPath(path))
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// Other devices of this machine whose content bears the same identity: a host that mounts, activates or assembles
    /// by UUID may take one for the other. Devices that the device is built on, or that are built on it, do not count.
    /// </summary>
    /// <param name="path">The device.</param>
    /// <param name="signature">What it bears.</param>
    /// <exception cref="RsyncFsException">The devices could not be searched.</exception>
    public static IReadOnlyList<string> TwinsOf(string path, DeviceSignature signature)
    {
        if (signature.Token is not { } token || NativeFile.Stat(path, out var status) != 0)
        {
            return [];
        }

        // Without the cache, which may be of yesterday: every device of the machine is looked at.
        var (exitCode, output, error) = Blkid.Run(
            Blkid.Locate(SystemProgram.Directories),
            path,
            "-c",
            "/dev/null",
            "-t",
            token,
            "-o",
            "device"
        );
        if (exitCode is not (0 or Blkid.NothingFound))
        {
            throw new DeviceException(ErrorId.TargetIo, "the devices of this machine could not be searched")
            {
                Where = path,
                Cause = $"blkid ended with {exitCode}: {error}",
            };
        }

        var related = BlockSysfs
            .StackOf(status.NodeNumber)
            .Append(status.NodeNumber)
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. output
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(name =>
                    NativeFile.Stat(name, out var other) == 0 && !related.Contains(other.NodeNumber)
                )
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>What lies in /dev, and in its folders (mapper, disk/by-id, volume groups) but for those that hold no disks.</summary>
    private static IEnumerable<string> Nodes()
    {
        var all = new EnumerationOptions { AttributesToSkip = FileAttributes.None };
        var below = new EnumerationOptions
        {
            AttributesToSkip = FileAttributes.None,
            RecurseSubdirectories = true,
            MaxRecursionDepth = 1,
        };
        return Directory
            .EnumerateDirectories(DeviceFolder, "*", all)
            .Where(folder => !FoldersWithoutDisks.Contains(Path.GetFileName(folder), StringComparer.Ordinal))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*", below))
            .Concat(Directory.EnumerateFiles(DeviceFolder, "*", all));
    }
}
