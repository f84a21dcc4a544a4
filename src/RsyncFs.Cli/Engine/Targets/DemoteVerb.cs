using RsyncFs.Blocks;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Json;
using RsyncFs.Devices;
using RsyncFs.Linux.Devices;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>Makes a primary a replica again: what was written to it since it was promoted is to be overwritten.</summary>
/// <param name="force">True if another device may take the place of the primary's, which is lost.</param>
/// <param name="stateDirectory">The state directory.</param>
/// <param name="clock">Tells time.</param>
internal sealed class DemoteVerb(bool force, string stateDirectory, TimeProvider clock) : RoleVerb
{
    /// <inheritdoc/>
    public override (HookPoint? Before, HookPoint? After) HookPoints => (HookPoint.PreDemote, null);

    /// <inheritdoc/>
    public override bool IsToChange(TargetAccess access) =>
        // That its device is free is seen to behind the programs: they may be what frees it.
        access.Target.Record?.Status == TargetStatus.Primary;

    /// <inheritdoc/>
    public override TargetRecord Foresee(TargetRecord? record, string devicePath, IBlockDevice? held)
    {
        var known = record ?? throw TargetErrors.NeverInitialised();
        var demoted = RoleChange.Demote(known, clock.GetUtcNow());
        if (known.Status != TargetStatus.Primary)
        {
            return demoted;
        }

        RequireDevice(known, devicePath);
        using var sources = KnownSources.Open(stateDirectory, devicePath);
        using var device = DeviceOpener.OpenSource(devicePath);
        return known.MayBeOn(device.StableId)
            ? demoted
            : RoleChange.OnNewDevice(demoted, KnownDevice.KeyOf(device.StableId), device.LengthBytes);
    }

    /// <inheritdoc/>
    public override TargetRecord Act(TargetAccess access)
    {
        if (access.Target.Record is not { Status: TargetStatus.Primary } primary)
        {
            // Its device may be a source besides, of which a snapshot is sent on: that is none of a demote's business.
            return access.Target.Demote();
        }

        RequireDevice(primary, access.DevicePath);

        // Held while the role changes: no sync of the device begins between the two.
        using var sources = KnownSources.Open(stateDirectory, access.DevicePath);
        return access.Target.Demote(force, sources.Retire);
    }

    /// <inheritdoc/>
    public override TargetChangeDocument Describe(RoleVerbResult result)
    {
        var document = result.Document("demote", result.IsUnchanged ? "already_replica" : "demoted");
        return result.IsUnchanged
            ? document
            : document with
            {
                Warnings =
                [
                    result.Before?.DeviceKey == result.After.DeviceKey
                        ? "what was written to the device since it was promoted is overwritten by the next cycle"
                        : "ANOTHER DEVICE LIES WHERE THE PRIMARY WAS: whatever it bears is overwritten by the next cycle, and what was written to the primary is not on it",
                ],
                Next = result.NextServe(),
            };
    }

    private void RequireDevice(TargetRecord primary, string devicePath)
    {
        if (!force)
        {
            DeviceCheck.Require(primary, devicePath);
        }
    }
}
