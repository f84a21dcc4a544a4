using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Devices;

/// <summary>
/// Opens what a path leads to, as a block device or as an image file, and refuses everything else. Several paths are a
/// group, and one device (see <see cref="DevicePaths"/>).
/// </summary>
public static class DeviceOpener
{
    /// <summary>Opens a device or an image to be read.</summary>
    /// <exception cref="DeviceException">Neither is at the path, or it could not be opened.</exception>
    public static IBlockDevice OpenSource(string path) => Open(path, DeviceRole.Source, OpenOneSource);

    /// <summary>Opens a device or an image to be written, and holds it until it is disposed of. Nothing is made.</summary>
    /// <exception cref="DeviceException">Neither is at the path, it is in use or read-only, or it could not be opened. It is as it was.</exception>
    public static IBlockDevice OpenTarget(string path) => Open(path, DeviceRole.Target, OpenOneTarget);

    /// <summary>True if the device, or the loop device over the image, is mounted or held; <paramref name="by"/> says how.</summary>
    /// <exception cref="DeviceException">Neither is at the path, or it could not be asked.</exception>
    public static bool IsInUse(string path, out string? by)
    {
        by = null;
        foreach (var member in DevicePaths.Split(path))
        {
            if (IsOneInUse(member, out by))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// True if both paths lead to the same bytes, or to some that are the same: the same device or file, or a loop
    /// device and what is behind it.
    /// </summary>
    public static bool AreSame(string path, string other) =>
        DevicePaths.Split(path).Any(one => DevicePaths.Split(other).Any(two => AreSameDevice(one, two)));

    private static IBlockDevice OpenOneSource(string path) =>
        IsBlockDevice(path, DeviceRole.Source)
            ? LinuxBlockDevice.OpenSource(path)
            : ImageFile.OpenSource(path);

    private static IBlockDevice OpenOneTarget(string path) =>
        IsBlockDevice(path, DeviceRole.Target)
            ? LinuxBlockDevice.OpenTarget(path)
            : ImageFile.OpenTarget(path);

    private static bool IsOneInUse(string path, out string? by) =>
        IsBlockDevice(path, DeviceRole.Source)
            ? LinuxBlockDevice.IsInUse(path, out by)
            : ImageFile.IsInUse(path, out by);

    private static IBlockDevice Open(string path, DeviceRole role, Func<string, IBlockDevice> open)
    {
        var paths = DevicePaths.Split(path);
        if (paths is [var single])
        {
            return open(single);
        }

        RefuseUnfit(paths, role);
        var members = new List<IBlockDevice>();
        try
        {
            foreach (var member in paths)
            {
                members.Add(open(member));
            }

            return new DeviceSet(members);
        }
        catch
        {
            members.ForEach(member => member.Dispose());
            throw;
        }
    }

    /// <summary>A device twice would be two parts of one generation; devices and images tell of foreign writes in different ways.</summary>
    private static void RefuseUnfit(IReadOnlyList<string> paths, DeviceRole role)
    {
        for (var i = 0; i < paths.Count; i++)
        {
            if (
                IsBlockDevice(paths[i], role) != IsBlockDevice(paths[0], role)
                || paths.Take(i).Any(other => AreSameDevice(paths[i], other))
            )
            {
                throw LinuxError.Refuse(
                    ErrorId.Usage,
                    "a group has a device twice, or both devices and images",
                    DeviceSet.NameOf(paths),
                    $"{paths[i]} does not go with the one before",
                    "name each device of the group once, all of them block devices, or all of them images"
                );
            }
        }

        if (paths.Count > SetShape.MaxMemberCount)
        {
            throw LinuxError.Refuse(
                ErrorId.Usage,
                "a group has too many devices",
                DeviceSet.NameOf(paths),
                $"{paths.Count}; there may be {SetShape.MaxMemberCount}",
                "make several groups"
            );
        }
    }

    private static bool AreSameDevice(string path, string other) =>
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
