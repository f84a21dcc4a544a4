using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Devices;

/// <summary>Who uses a device or an image, in words: what the kernel's EBUSY does not say.</summary>
internal static class DeviceUsage
{
    /// <summary>
    /// Who uses the block device, or null if nobody that can be named. A mount of a partition also uses its disk,
    /// and a mount of the disk its partitions, as O_EXCL sees it (block/bdev.c, bd_may_claim).
    /// </summary>
    public static string? OfBlockDevice(in Statx status)
    {
        var number = status.NodeNumber;
        var disk = BlockSysfs.DiskOf(number);
        string[] related = BlockSysfs.IsPartition(number)
            ? [number, disk]
            : [number, .. BlockSysfs.PartitionsOf(number)];
        foreach (var candidate in related)
        {
            if (UserOf(candidate) is { } user)
            {
                var isItself = string.Equals(candidate, number, StringComparison.Ordinal);
                return isItself ? user : $"/dev/{BlockSysfs.KernelName(candidate)} is {user}";
            }
        }

        return LoopOver(status) is { } loop ? $"the backing device of {loop.Device}" : null;
    }

    /// <summary>The loop device whose backing file or device this is, or null. A loop device claims neither.</summary>
    public static (string Device, string Number)? LoopOver(in Statx status)
    {
        foreach (var (device, number, file) in BlockSysfs.Loops())
        {
            if (
                NativeFile.Stat(file, out var backing) == 0
                && (status.IsSameFile(backing) || status.IsSameBlockDevice(backing))
            )
            {
                return (device, number);
            }
        }

        return null;
    }

    private static string? UserOf(string number)
    {
        if (MountTable.MountPointOf(number) is { } mountPoint)
        {
            return $"mounted at {mountPoint}";
        }

        var holders = string.Join(", ", BlockSysfs.HoldersOf(number));
        if (holders.Length > 0)
        {
            return $"held by {holders}";
        }

        if (IsSwap(number))
        {
            return "in use as swap";
        }

        return OtherNamespaces.MountOf(number) is { } mount
            ? $"mounted at {mount.MountPoint} in the mount namespace of process {mount.ProcessId} ({mount.ProcessName})"
            : null;
    }

    // proc_swaps(5): a header, then one area a line, its path first, escaped as in mountinfo.
    private static bool IsSwap(string number) =>
        File.Exists("/proc/swaps")
        && File.ReadLines("/proc/swaps")
            .Skip(1)
            .Select(line => MountTable.Unescape(line.Split([' ', '\t'], count: 2)[0]))
            .Any(path =>
                NativeFile.Stat(path, out var area) == 0
                && area.IsBlockDevice
                && string.Equals(area.NodeNumber, number, StringComparison.Ordinal)
            );
}
