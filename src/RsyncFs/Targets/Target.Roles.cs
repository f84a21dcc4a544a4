using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Journals;

namespace RsyncFs.Targets;

/// <content>What a person does with a target, on its own machine. Whoever calls has the lease.</content>
public sealed partial class Target
{
    /// <summary>Makes the target the primary and gives its device up. Idempotent.</summary>
    /// <param name="force">True to promote one that is not whole, or not proven.</param>
    /// <returns>What it is now; <see cref="TargetRecord.Ancestors"/> begins with the generation that it was promoted at.</returns>
    /// <exception cref="RefusedException">It was never initialised, or is not whole, or another device lies where it was, or that has another length. It is as it was.</exception>
    /// <exception cref="StateException">The old or the new role is durable; the next opening tells which. The device is still held.</exception>
    public TargetRecord Promote(bool force)
    {
        if (
            !force
            && _device is { } device
            && RoleChange.MismatchOf(Known(), device.StableId, device.LengthBytes) is { } mismatch
        )
        {
            throw mismatch;
        }

        var promoted = RoleChange.Promote(Known(), _services.NewId(), _services.Clock.GetUtcNow(), force);
        return Become(promoted);
    }

    /// <summary>Makes a primary a replica again, and takes its device. Idempotent.</summary>
    /// <exception cref="RefusedException">It was never initialised, or was released. It is as it was.</exception>
    /// <exception cref="DeviceException">The device can not be had: it is still mounted, say. It is still the primary.</exception>
    /// <exception cref="StateException">The old or the new role is durable; the next opening tells which.</exception>
    public TargetRecord Demote() => Demote(mayBeReplaced: false, endSource: () => { });

    /// <summary>As <see cref="Demote()"/>, of a device that may be a source here, too.</summary>
    /// <param name="mayBeReplaced">True if another device may take the place of the primary's, which is lost.</param>
    /// <param name="endSource">Ends the device's life as a source. Called of a primary alone, once its device is had and before it is a replica: if this fails it is a primary still, and the verb can be said again.</param>
    /// <exception cref="RefusedException">It was never initialised, or was released. It is as it was.</exception>
    /// <exception cref="DeviceException">The device can not be had: it is still mounted, say. It is still the primary.</exception>
    /// <exception cref="StateException">The old or the new role is durable; the next opening tells which.</exception>
    public TargetRecord Demote(bool mayBeReplaced, Action endSource)
    {
        var known = Known();
        var demoted = RoleChange.Demote(known, _services.Clock.GetUtcNow());
        if (known.Status != TargetStatus.Primary)
        {
            return Become(demoted);
        }

        try
        {
            _device ??= _openDevice();
            if (mayBeReplaced && !known.MayBeOn(Device.StableId))
            {
                demoted = OnThisDevice(demoted);
            }

            endSource();
            return Become(demoted);
        }
        catch
        {
            // Of a primary nothing is held. If it is a replica all the same, the next lease takes the device.
            GiveUpDevice();
            throw;
        }
    }

    /// <summary>The primary is about to be replicated to others; see <see cref="RoleChange.BecomeSource"/>. Idempotent.</summary>
    /// <returns>What the sender of the device must know.</returns>
    /// <exception cref="RefusedException">It was never initialised, or is not the primary. It is as it was.</exception>
    /// <exception cref="StateException">The old or the new record is durable; the next opening tells which.</exception>
    public SourceLineage BecomeSource() => RoleChange.LineageOf(Become(RoleChange.BecomeSource(Known())));

    /// <summary>Gives the device up. Idempotent.</summary>
    /// <exception cref="RefusedException">It was never initialised, or is the primary. It is as it was.</exception>
    /// <exception cref="StateException">The old or the new role is durable; the next opening tells which. The device is still held.</exception>
    public TargetRecord GiveUp() => Become(RoleChange.Release(Known(), _services.Clock.GetUtcNow()));

    /// <summary>Takes the device in as a copy that is to be compared. Idempotent.</summary>
    /// <param name="newSender">True to take the next sender whatever its volume.</param>
    /// <param name="overwrite">True to accept a known signature on a device that was never a target.</param>
    /// <param name="copy">What a device that was never a target is said to be a copy of; null if that is not known.</param>
    /// <exception cref="RefusedException">It bears a known signature, or is the primary. It is as it was.</exception>
    /// <exception cref="DeviceException">The device can not be had: it is mounted, say. It is as it was.</exception>
    /// <exception cref="StateException">The old or the new state is durable; the next opening tells which.</exception>
    public TargetRecord Adopt(bool newSender, bool overwrite, KnownCopy? copy)
    {
        if (Record is { } known)
        {
            var adopted = RoleChange.Adopt(known, newSender, _services.Clock.GetUtcNow());
            // What was committed to a disk that died is given up; the one in its place is another, and is compared.
            return Become(known.Status == TargetStatus.Faulted ? OnThisDevice(adopted) : adopted);
        }

        if (!overwrite && _policy.FindSignature() is { } signature)
        {
            throw new RefusedException(ErrorId.TargetSignature, "the target bears a known signature")
            {
                Where = Where,
                Cause = $"found {signature}; the next cycle overwrites what differs from the source",
                Hint = "if it is a copy of the source: add --overwrite",
            };
        }

        return Become(
            RoleChange.AdoptUnknown(
                copy,
                Device.LengthBytes,
                KnownDevice.KeyOf(Device.StableId),
                _services.Clock.GetUtcNow()
            )
        );
    }

    /// <summary>Takes the size that the device has now for the target's. Idempotent.</summary>
    /// <param name="force">True to accept that it became smaller.</param>
    /// <exception cref="RefusedException">It was never initialised, its device is given up, or it became smaller. It is as it was.</exception>
    /// <exception cref="StateException">The old or the new size is durable; the next opening tells which.</exception>
    public TargetRecord Resize(bool force)
    {
        var known = Known();
        if (_device is null)
        {
            throw NotPossible("its device is given up", "demote or adopt it first");
        }

        // Whoever holds a device open sees the size that it had then. If it can not be had again now, the next lease tries.
        Unsettle();
        GiveUpDevice();
        _device = _openDevice();
        _isUnsettled = false;
        return Become(RoleChange.Resize(known, Device.LengthBytes, force, _services.Clock.GetUtcNow()));
    }

    private TargetRecord OnThisDevice(TargetRecord record) =>
        RoleChange.OnNewDevice(record, KnownDevice.KeyOf(Device.StableId), Device.LengthBytes);

    private TargetRecord Known() =>
        Record
        ?? throw NotPossible("it was never initialised", "let its sender make a first copy, or adopt it");

    private RefusedException NotPossible(string cause, string hint) =>
        new(ErrorId.TargetState, "that is not possible with this target now")
        {
            Where = Where,
            Cause = cause,
            Hint = hint,
        };

    /// <summary>The device is taken before a role that holds it is durable, and given up only after one that does not.</summary>
    private TargetRecord Become(TargetRecord record)
    {
        if (record.Status.HoldsDevice())
        {
            _device ??= _openDevice();
        }

        if (record != Record)
        {
            Journal.Discard(_directory);
            Write(state => state.SaveInBoth(record), record);
        }

        if (!record.Status.HoldsDevice())
        {
            GiveUpDevice();
        }

        return record;
    }
}
