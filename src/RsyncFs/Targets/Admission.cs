using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Targets;

/// <summary>The answer to a sender that may go on.</summary>
/// <param name="Volume">The volume of the session: the sender's, or the target's own where the sender's was new.</param>
/// <param name="Status">What the target is to that volume: empty, if it holds something else that may be overwritten.</param>
/// <param name="Outcome">How they go on; none of the refusals.</param>
/// <param name="Epoch">The epoch that the target has from the begin of the generation on.</param>
/// <param name="Mode">How the generation is to be applied. Fixed here, before the first byte of it (C8).</param>
public sealed record Admission(
    Volume Volume,
    TargetStatus Status,
    ConnectOutcome Outcome,
    ulong Epoch,
    ApplyMode Mode
)
{
    private const string HowToOverwrite =
        "',init=overwrite' behind its device at the receiver, once; --force if the target is local";

    /// <summary>
    /// True for a first copy, one that was interrupted included, and for whatever else the leave to initialise made
    /// possible: the sender needs its right to that as long as the session runs.
    /// </summary>
    public bool NeedsInit { get; init; }

    /// <summary>True if nothing that the target held is of any use: it never was whole as a copy of this volume on this device.</summary>
    public bool IsFirstCopy => Status is TargetStatus.Empty or TargetStatus.Initializing;

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
        if (request.InitRefusal is not { } denied)
        {
            return DecideAllowed(record, policy, held, request);
        }

        try
        {
            // What the receiver allows for the target is of no use to a sender that has not the right.
            var admission = DecideAllowed(record, policy with { Init = InitPolicy.Refused }, held, request);
            return admission.NeedsInit ? throw denied : admission;
        }
        catch (RefusedException refusal) when (refusal.Id == ErrorId.TargetInitRefused)
        {
            throw policy.Init == InitPolicy.Refused ? WithServe(denied) : denied;
        }
    }

    /// <summary>What helps against a refusal that there would not have been, had the sender its right to what the receiver allows; null if that does not help.</summary>
    internal static string? RemedyByInit(ErrorId refusal, TargetPolicy policy, AdmissionRequest request) =>
        policy.Init == InitPolicy.Overwrite
        && request.InitRefusal is { } denied
        && refusal
            is ErrorId.TargetReplaced
                or ErrorId.TargetResized
                or ErrorId.VolumeUnrelated
                or ErrorId.SenderUnknown
            ? $"or, if all that it holds may be overwritten, {denied.Hint}"
            : null;

    /// <summary>Neither end's leave is there: both are named, or the second would be missed only when the first is given.</summary>
    private static RefusedException WithServe(RefusedException denied) =>
        new(denied.Id, denied.Message)
        {
            Where = denied.Where,
            Cause = denied.Cause,
            Hint = $"{denied.Hint}; and for the target: rsyncfs serve --target {denied.Where}=DEVICE,init",
        };

    private static Admission DecideAllowed(
        TargetRecord? record,
        TargetPolicy policy,
        IBlockDevice? held,
        AdmissionRequest request
    )
    {
        var lineage = request.Lineage;
        if (record is not null && !record.Status.HoldsDevice())
        {
            // Not even to be read: whoever has the device may be writing it.
            throw ConnectRefusal.Of(Meet(record, request, lineage), lineage, request.Volume, record);
        }

        var device = held ?? throw new InvalidOperationException("the device of the target is not open");
        if (request.WritesNothing)
        {
            CheckSize(device, record, request);
            return AdmitReader(record, device, request, lineage);
        }

        if (record is null || IsAnotherDevice(record, policy, device))
        {
            CheckSize(device, record: null, request);
            return Meet(record, request, lineage) switch
            {
                ConnectOutcome.StaleSender and var stale => throw ConnectRefusal.Of(
                    stale,
                    lineage,
                    request.Volume,
                    record!
                ),
                ConnectOutcome.EpochAhead => throw ConnectRefusal.OfEpoch(lineage, record),
                _ => AdmitFirstCopy(policy, request, lineage),
            };
        }

        CheckSize(device, record, request);
        var accepted = AcceptSize(record, policy, device);
        var admission = AdmitTo(accepted, policy, request, lineage);
        return admission with { NeedsInit = admission.NeedsInit || !ReferenceEquals(accepted, record) };
    }

    private static ConnectOutcome Meet(
        TargetRecord? record,
        AdmissionRequest request,
        SourceLineage lineage
    ) => ConnectRules.Decide(lineage, !request.IsNewVolume, request.Volume, record);

    private static void CheckSize(IBlockDevice device, TargetRecord? record, AdmissionRequest request)
    {
        if (request.Shape != device.Shape)
        {
            throw new RefusedException(ErrorId.SizeMismatch, "source and target differ in size")
            {
                Cause = $"the source has {request.Shape} bytes, the target {device.Shape}",
                Hint =
                    (
                        request.Shape.Members.Count == device.Shape.Members.Count
                            ? request.Shape.Members.Count > 1
                                ? "name the devices of the group in the same order at both ends; make each of the target's the size of the source's, exactly"
                                : "make the target the size of the source, exactly"
                            : "a group is copied to a group: name as many devices, in the same order"
                    )
                    + "; nothing was written"
                    + (
                        record is null || request.Shape.Members.Count != device.Shape.Members.Count
                            ? ""
                            : ". Then, where the target is: rsyncfs target resize NAME"
                    ),
            };
        }
    }

    /// <summary>The target at the size of its device; if that was changed, nothing that is known of its content may be believed.</summary>
    private static TargetRecord AcceptSize(TargetRecord record, TargetPolicy policy, IBlockDevice device)
    {
        if (record.LengthBytes == device.LengthBytes || record.Status == TargetStatus.Faulted)
        {
            return record;
        }

        return policy.Init == InitPolicy.Overwrite
            ? RoleChange.Resize(record, device.LengthBytes, force: true, record.ChangedAt)
            : throw new RefusedException(ErrorId.TargetResized, "the target has another size than it had")
            {
                Cause = $"it had {record.LengthBytes} bytes and has {device.LengthBytes}",
                Hint =
                    "if that was meant, where the target is: rsyncfs target resize NAME; or, if it is local, --force",
            };
    }

    private static Admission AdmitReader(
        TargetRecord? record,
        IBlockDevice device,
        AdmissionRequest request,
        SourceLineage lineage
    )
    {
        var own = request.IsNewVolume ? record?.Volume : null;
        return new Admission(
            own ?? request.Volume,
            StatusToRead(record, device),
            ConnectOutcome.Compare,
            record?.Epoch ?? lineage.Epoch,
            ApplyMode.Journal
        );
    }

    /// <summary>
    /// What is known holds for the device that it was learned of. Another one, or one of another length, is compared
    /// all the same; but nothing is believed of it, and that it differs says nothing about the copy (I11).
    /// </summary>
    private static TargetStatus StatusToRead(TargetRecord? record, IBlockDevice device) =>
        record switch
        {
            null => TargetStatus.Empty,
            _ when !record.MayBeOn(device.StableId) => TargetStatus.Empty,
            { Status: TargetStatus.Consistent } when record.LengthBytes != device.LengthBytes =>
                TargetStatus.Adopted,
            _ => record.Status,
        };

    /// <summary>
    /// A path may lead to another disk than it did: then what is known is not of this device. True only if that is
    /// allowed to be overwritten.
    /// </summary>
    private static bool IsAnotherDevice(TargetRecord record, TargetPolicy policy, IBlockDevice device)
    {
        if (record.MayBeOn(device.StableId))
        {
            return false;
        }

        return policy.Init == InitPolicy.Overwrite
            ? true
            : throw new RefusedException(ErrorId.TargetReplaced, "another device is where the target was")
            {
                Cause = $"its copy was made on another device than {device.StableId}",
                Hint =
                    (
                        device.Shape.Members.Count > 1
                            ? "name the devices of the group as they were, in their order, by paths that stay with them"
                            : "name the target by a path that stays with it"
                    ) + $"; for a first copy onto this device: {HowToOverwrite}",
            };
    }

    private static Admission AdmitFirstCopy(
        TargetPolicy policy,
        AdmissionRequest request,
        SourceLineage lineage
    )
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

        return FirstCopy(request, lineage);
    }

    private static Admission FirstCopy(AdmissionRequest request, SourceLineage lineage) =>
        new(request.Volume, TargetStatus.Empty, ConnectOutcome.FirstCopy, lineage.Epoch, ApplyMode.Direct)
        {
            NeedsInit = true,
        };

    private static Admission AdmitTo(
        TargetRecord record,
        TargetPolicy policy,
        AdmissionRequest request,
        SourceLineage lineage
    )
    {
        var outcome = Meet(record, request, lineage);
        if (policy.Init == InitPolicy.Overwrite && outcome == ConnectOutcome.Unrelated)
        {
            return FirstCopy(request, lineage);
        }

        var continuesVolume = policy.Init == InitPolicy.Overwrite && outcome == ConnectOutcome.WithoutState;
        if (outcome.IsRefusal() && !continuesVolume)
        {
            throw ConnectRefusal.Of(outcome, lineage, request.Volume, record);
        }

        // A sender without state takes the volume over as it is, epoch and all, and only differences travel.
        var epoch =
            continuesVolume ? record.Epoch
            : outcome == ConnectOutcome.TakeOver ? lineage.Epoch
            : Math.Max(record.Epoch, lineage.Epoch);
        return new Admission(
            continuesVolume ? record.Volume! : request.Volume,
            record.Status,
            continuesVolume ? ConnectOutcome.TakeOver : outcome,
            epoch,
            ChooseMode(record, policy)
        )
        {
            NeedsInit = continuesVolume || record.Status == TargetStatus.Initializing,
        };
    }

    /// <summary>A target that is whole stays whole until the next generation is; one that is not has nothing to lose.</summary>
    private static ApplyMode ChooseMode(TargetRecord record, TargetPolicy policy)
    {
        if (record.Status.IsInconsistent())
        {
            return ApplyMode.Direct;
        }

        // The limit that was too little, and a quarter more, or the same delta is sent in vain again and again.
        var quarterBytes = record.OverflowLimitBytes / 4;
        var tooLittleBytes = Math.Min(record.OverflowLimitBytes, long.MaxValue - quarterBytes) + quarterBytes;
        if (record.OverflowLimitBytes == 0 || policy.JournalLimitBytes > tooLittleBytes)
        {
            return ApplyMode.Journal;
        }

        var enoughBytes = Math.Max(tooLittleBytes, Target.SmallestJournalBytes);
        return policy.OversizedMode == ApplyMode.Direct
            ? ApplyMode.Direct
            : throw new RefusedException(ErrorId.JournalFull, "the last delta did not fit the journal")
            {
                Cause =
                    $"it was larger than {record.OverflowLimitBytes} bytes, and a journal may have "
                    + $"{policy.JournalLimitBytes} bytes now; it is tried again with more than {enoughBytes}",
                Hint =
                    $"on the receiver: raise --journal-limit to more than {enoughBytes}, and free space in its state "
                    + "directory for that; or serve with --apply direct",
            };
    }
}
