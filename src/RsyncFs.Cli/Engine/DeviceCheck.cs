using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine;

/// <summary>Whether a path still leads to the device that a target's state is of.</summary>
internal static class DeviceCheck
{
    /// <summary>Refuses to go on with another device.</summary>
    /// <exception cref="RefusedException">Another device is where the target was. Nothing was changed.</exception>
    public static void Require(TargetRecord? record, string devicePath)
    {
        var stableId = DeviceIdentity.StableIdOf(devicePath);
        // What was committed to a disk that died can only be given up, and its place be taken by another.
        if (record is { Status: not TargetStatus.Faulted } && !record.MayBeOn(stableId))
        {
            throw new RefusedException(ErrorId.TargetReplaced, "another device is where the target was")
            {
                Where = devicePath,
                Cause = $"the target's state is of another device than {stableId}",
                Hint =
                    record.Status == TargetStatus.Primary
                        ? "attach the device that it was; if that is lost, and this one is to take its place as a replica: rsyncfs target demote --force NAME"
                        : "attach the device that it was; another device is another target, with a name of its own",
            };
        }
    }

    /// <summary>Refuses a device that is mounted or held, without taking it.</summary>
    /// <exception cref="DeviceException">It is in use, or not there.</exception>
    public static void RequireFree(string devicePath)
    {
        if (DeviceOpener.IsInUse(devicePath, out var by))
        {
            throw new DeviceException(ErrorId.TargetInUse, "the target is in use")
            {
                Where = devicePath,
                Cause = by,
                Hint =
                    $"unmount or release it; 'lsblk {devicePath}' and 'fuser -v {devicePath}' show who uses it",
            };
        }
    }
}
