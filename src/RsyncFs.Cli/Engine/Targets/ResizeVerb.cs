using RsyncFs.Blocks;
using RsyncFs.Cli.Json;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>Takes the size that a device has now for its target's.</summary>
/// <param name="force">True to accept that it became smaller.</param>
/// <param name="clock">Tells time.</param>
internal sealed class ResizeVerb(bool force, TimeProvider clock) : RoleVerb
{
    /// <inheritdoc/>
    public override TargetRecord Foresee(TargetRecord? record, string devicePath, IBlockDevice? held)
    {
        var known = record ?? throw TargetErrors.NeverInitialised();
        DeviceCheck.Require(record, devicePath);
        if (!known.Status.HoldsDevice())
        {
            throw new RefusedException(ErrorId.TargetState, "that is not possible with this target now")
            {
                Cause = "its device is given up",
                Hint = "demote or adopt it first",
            };
        }

        using var device = DeviceOpener.OpenSource(devicePath);
        return RoleChange.Resize(known, device.LengthBytes, force, clock.GetUtcNow());
    }

    /// <inheritdoc/>
    public override TargetRecord Act(TargetAccess access)
    {
        DeviceCheck.Require(access.Target.Record, access.DevicePath);
        return access.Target.Resize(force);
    }

    /// <inheritdoc/>
    public override TargetChangeDocument Describe(RoleVerbResult result)
    {
        var document = result.Document("resize", result.IsUnchanged ? "already_that_size" : "resized");
        return document with
        {
            SizeBefore = result.Before?.LengthBytes,
            Warnings = result.IsUnchanged
                ? []
                :
                [
                    "the next cycle needs a source of the same size; it compares, and only differences travel",
                ],
        };
    }
}
