using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Targets;

/// <summary>The answer to a sender that may go on.</summary>
/// <param name="Volume">The volume of the session: the sender's, or the target's own where the sender's was new.</param>
/// <param name="Status">What the target is to that volume: empty, if it holds something else that may be overwritten.</param>
public sealed record Admission(Volume Volume, TargetStatus Status)
{
    /// <summary>The epoch of the session.</summary>
    public ulong Epoch { get; init; } = SourceLineage.FirstEpoch;

    /// <summary>How the delta is brought onto the target.</summary>
    public ApplyMode Mode =>
        Status is TargetStatus.Consistent or TargetStatus.Diverged or TargetStatus.Adopted
            ? ApplyMode.Journal
            : ApplyMode.Direct;

    private const string HowToOverwrite =
        "',init=overwrite' behind its device at the receiver, once; --force if the target is local";

    /// <summary>Decides whether a sender may have the target, from what is known alone.</summary>
    /// <param name="record">What the target durably is; null if it was never initialised.</param>
    /// <param name="policy">What the receiver's side allows.</param>
    /// <param name="held">The target device, of which only size and name are looked at; null if it was given up.</param>
    /// <param name="request">What the sender asks.</param>
    /// <exception cref="RefusedException">It may not; the error says why and what to do. Nothing was written.</exception>
    public static Admission Decide(
        TargetRecord? record,
        TargetPolicy policy,
        IBlockDevice? held,
        AdmissionRequest request
    )
    {
        var device = held ?? throw new RefusedException(ErrorId.Fenced, "the target was given up");
        var lengthBytes = device.LengthBytes;
        if (request.LengthBytes != lengthBytes)
        {
            throw new RefusedException(ErrorId.SizeMismatch, "source and target differ in size")
            {
                Cause = $"the source has {request.LengthBytes} bytes, the target {lengthBytes}",
                Hint = "make the target the size of the source, exactly; nothing was written",
            };
        }

        if (request.WritesNothing)
        {
            var known = request.IsNewVolume ? record?.Volume : null;
            return new Admission(known ?? request.Volume, record?.Status ?? TargetStatus.Empty);
        }

        if (record is null || IsAnotherDevice(record, policy, device))
        {
            return AdmitFirstCopy(policy, request);
        }

        return record.Volume is { } own && own == request.Volume
            ? new Admission(own, record.Status)
            : AdmitOtherVolume(record, policy, request);
    }

    /// <summary>
    /// A path may lead to another disk than it did: then what is known is not of this device. True only if that is
    /// allowed to be overwritten.
    /// </summary>
    private static bool IsAnotherDevice(TargetRecord record, TargetPolicy policy, IBlockDevice device)
    {
        var isKnown = record.DeviceKey != Guid.Empty && device.StableId.Length > 0;
        if (!isKnown || record.DeviceKey == KnownDevice.KeyOf(device.StableId))
        {
            return false;
        }

        return policy.Init == InitPolicy.Overwrite
            ? true
            : throw new RefusedException(ErrorId.TargetReplaced, "another device is where the target was")
            {
                Cause = $"its copy was made on another device than {device.StableId}",
                Hint =
                    $"name the target by a path that stays with it; for a first copy onto this device: {HowToOverwrite}",
            };
    }

    private static Admission AdmitFirstCopy(TargetPolicy policy, AdmissionRequest request)
    {
        if (policy.Init == InitPolicy.Refused)
        {
            throw new RefusedException(ErrorId.TargetInitRefused, "the target does not take a first copy")
            {
                Cause = "it was never initialised, and the receiver does not allow init for it",
                Hint = "on the receiver: serve it with ',init' behind its device, once",
            };
        }

        if (policy.Init == InitPolicy.Allowed && policy.FindSignature() is { } signature)
        {
            throw new RefusedException(ErrorId.TargetSignature, "the target bears a known signature")
            {
                Cause = $"found {signature}; a first copy would destroy it",
                Hint = $"if that is meant: {HowToOverwrite}",
            };
        }

        return new Admission(request.Volume, TargetStatus.Empty);
    }

    private static Admission AdmitOtherVolume(
        TargetRecord record,
        TargetPolicy policy,
        AdmissionRequest request
    )
    {
        if (policy.Init != InitPolicy.Overwrite)
        {
            var cause = request.IsNewVolume
                ? $"it is a copy of volume {record.Volume?.Id:N}, of which this sender has no state"
                : $"it is a copy of volume {record.Volume?.Id:N}, and the source is volume {request.Volume.Id:N}";
            throw new RefusedException(ErrorId.VolumeUnrelated, "the target belongs to another sender")
            {
                Cause = cause,
                Hint = $"if this source is to take it over: {HowToOverwrite}",
            };
        }

        // A sender without state takes the volume over as it is, and only differences travel. Another volume begins anew.
        return request.IsNewVolume
            ? new Admission(record.Volume!, record.Status)
            : new Admission(request.Volume, TargetStatus.Empty);
    }
}
