using RsyncFs.Errors;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Devices;

/// <summary>What names a device, and what else looks like it, found out without opening it for good.</summary>
public static class DeviceIdentity
{
    private const string DeviceFolder = "/dev";

    /// <summary>What names the device itself, as <see cref="RsyncFs.Devices.IBlockDevice.StableId"/> does; empty for an image, and where nothing is.</summary>
    public static string StableIdOf(string path) =>
        NativeFile.Stat(path, out var status) == 0 && status.IsBlockDevice
            ? BlockSysfs.StableIdOf(status.NodeNumber)
            : "";

    /// <summary>True if a block device is at the path.</summary>
    public static bool IsBlockDevice(string path) =>
        NativeFile.Stat(path, out var status) == 0 && status.IsBlockDevice;

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

        string[] known =
        [
            $"{DeviceFolder}/{BlockSysfs.KernelName(status.NodeNumber)}",
            Path.GetFullPath(path),
        ];
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = 3,
            AttributesToSkip = FileAttributes.None,
        };
        var isSame = status;
        return
        [
            .. Directory
                .EnumerateFiles(DeviceFolder, "*", options)
                .Where(name => !name.StartsWith("/dev/fd/", StringComparison.Ordinal))
                .Where(name => NativeFile.Stat(name, out var other) == 0 && other.IsSameBlockDevice(isSame))
                .Concat(known)
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
            Blkid.Locate(Blkid.Directories),
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
}
