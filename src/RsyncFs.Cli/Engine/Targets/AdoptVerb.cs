using RsyncFs.Blocks;
using RsyncFs.Cli.Json;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>
/// Takes a device in as a copy that is to be compared: one made by other means, the old primary's, or a target that
/// was released or is not to be believed.
/// </summary>
/// <param name="request">What was asked for.</param>
/// <param name="stateDirectory">The state directory.</param>
/// <param name="clock">Tells time.</param>
internal sealed class AdoptVerb(ControlRequest request, string stateDirectory, TimeProvider clock) : RoleVerb
{
    /// <inheritdoc/>
    public override TargetRecord Foresee(TargetRecord? record, string devicePath, IBlockDevice? held)
    {
        if (record is not null)
        {
            RequireDevice(record, devicePath);
        }

        using var sources = KnownSources.Open(stateDirectory, devicePath);
        using var opened = held is null ? DeviceOpener.OpenSource(devicePath) : null;
        var device = held ?? opened!;
        var key = KnownDevice.KeyOf(device.StableId);
        if (record is not null)
        {
            var adopted = RoleChange.Adopt(record, request.NewSender, clock.GetUtcNow());
            return record.Status == TargetStatus.Faulted
                ? RoleChange.OnNewDevice(adopted, key, device.LengthBytes)
                : adopted;
        }

        RefuseSignature(devicePath);
        var copy = request.NewSender ? null : sources.Copy;
        return RoleChange.AdoptUnknown(copy, device.LengthBytes, key, clock.GetUtcNow());
    }

    /// <inheritdoc/>
    public override TargetRecord Act(TargetAccess access)
    {
        if (access.Target.Record is { } record)
        {
            RequireDevice(record, access.DevicePath);
        }

        // Held while the role changes: no sync of the device begins between the two.
        using var sources = KnownSources.Open(stateDirectory, access.DevicePath);
        var copy = request.NewSender ? null : sources.Copy;
        var adopted = access.Target.Adopt(request.NewSender, request.Overwrite, copy);
        sources.Retire();
        return adopted;
    }

    /// <inheritdoc/>
    public override TargetChangeDocument Describe(RoleVerbResult result)
    {
        var document = result.Document("adopt", Status(result));
        return document with
        {
            Volume = result.After.Volume is { } volume ? VolumeEntry.Of(volume) : null,
            Warnings = [.. WarningsOf(result)],
            Next = result.NextServe(),
        };
    }

    private static string Status(RoleVerbResult result)
    {
        if (!result.IsUnchanged)
        {
            return "adopted";
        }

        return result.After.Status == TargetStatus.Adopted ? "already_adopted" : "unchanged";
    }

    private static IEnumerable<string> WarningsOf(RoleVerbResult result)
    {
        if (result.After.Status.IsInconsistent())
        {
            yield return "the device is a mix of two generations, and stays marked as one until its sender has mended it";
        }

        if (result.Before is { Status: TargetStatus.Faulted, Pending: not null })
        {
            yield return "the generation that was committed and could not be applied is dropped with its journal; its sender compares and sends it again";
        }

        if (!result.IsUnchanged)
        {
            yield return "the next cycle compares the device with its source, and overwrites what differs";
        }
    }

    /// <summary>A disk that took the place of one that died is a new one: what it bears counts.</summary>
    private void RequireDevice(TargetRecord record, string devicePath)
    {
        DeviceCheck.Require(record, devicePath);
        if (!record.MayBeOn(DeviceIdentity.StableIdOf(devicePath)))
        {
            RefuseSignature(devicePath);
        }
    }

    /// <summary>As the target itself does, for a run that changes nothing.</summary>
    private void RefuseSignature(string devicePath)
    {
        if (!request.Overwrite && KnownSignature.Find(devicePath) is { } signature)
        {
            throw new RefusedException(ErrorId.TargetSignature, "the target bears a known signature")
            {
                Where = devicePath,
                Cause = $"found {signature}; the next cycle overwrites what differs from the source",
                Hint = "if it is a copy of the source: add --overwrite",
            };
        }
    }
}
