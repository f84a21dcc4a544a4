using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Devices;

/// <summary>Opens what a path leads to, as a block device or as an image file, and refuses everything else.</summary>
public static class DeviceOpener
{
    /// <summary>Opens a device or an image to be read.</summary>
    /// <exception cref="DeviceException">Neither is at the path, or it could not be opened.</exception>
    public static IBlockDevice OpenSource(string path) =>
        IsBlockDevice(path, DeviceRole.Source)
            ? LinuxBlockDevice.OpenSource(path)
            : ImageFile.OpenSource(path);

    /// <summary>Opens a device or an image to be written, and holds it until it is disposed of. Nothing is made.</summary>
    /// <exception cref="DeviceException">Neither is at the path, it is in use or read-only, or it could not be opened. It is as it was.</exception>
    public static IBlockDevice OpenTarget(string path) =>
        IsBlockDevice(path, DeviceRole.Target)
            ? LinuxBlockDevice.OpenTarget(path)
            : ImageFile.OpenTarget(path);

    /// <summary>True if the device, or the loop device over the image, is mounted or held; <paramref name="by"/> says how.</summary>
    /// <exception cref="DeviceException">Neither is at the path, or it could not be asked.</exception>
    public static bool IsInUse(string path, out string? by) =>
        IsBlockDevice(path, DeviceRole.Source)
            ? LinuxBlockDevice.IsInUse(path, out by)
            : ImageFile.IsInUse(path, out by);

    /// <summary>
    /// True if both paths lead to the same bytes: the same device or file, or a loop device and what is behind it.
    /// </summary>
    public static bool AreSame(string path, string other) =>
        NativeFile.Stat(path, out var one) == 0
        && NativeFile.Stat(other, out var two) == 0
        && (one.IsSameFile(two) || one.IsSameBlockDevice(two) || IsBehind(one, two) || IsBehind(two, one));

    private static bool IsBehind(in Statx backing, in Statx loop)
    {
        foreach (var (_, number, file) in BlockSysfs.Loops())
        {
            if (
                loop.IsBlockDevice
                && string.Equals(number, loop.NodeNumber, StringComparison.Ordinal)
                && NativeFile.Stat(file, out var behind) == 0
                && (behind.IsSameFile(backing) || behind.IsSameBlockDevice(backing))
            )
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsBlockDevice(string path, DeviceRole role)
    {
        var errno = NativeFile.Stat(path, out var status);
        if (errno != 0)
        {
            throw LinuxError.Open(role, "statx", path, errno);
        }

        if (status.IsBlockDevice || status.IsRegularFile)
        {
            return status.IsBlockDevice;
        }

        throw LinuxError.Refuse(
            LinuxError.MissingId(role),
            $"the {LinuxError.SideOf(role)} is neither a block device nor an image file",
            path,
            $"it is {status.Describe()}",
            "name a block device or an image file"
        );
    }
}
