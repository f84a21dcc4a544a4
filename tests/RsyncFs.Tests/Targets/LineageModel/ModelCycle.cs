using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Journals;
using RsyncFs.Targets;

namespace RsyncFs.Tests.Targets.LineageModel;

/// <summary>One cycle between the nodes, decided by the real rules, with the invariants asserted where it would break them.</summary>
internal sealed class ModelCycle
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    private readonly bool _fromA;
    private readonly ModelEvent _end;
    private ModelWorld _world;

    private ModelCycle(ModelWorld world, bool fromA, ModelEvent end)
    {
        _world = world;
        _fromA = fromA;
        _end = end;
    }

    private ModelNode From
    {
        get => _world[_fromA];
        set => _world = _world.With(_fromA, value);
    }

    private ModelNode To
    {
        get => _world[!_fromA];
        set => _world = _world.With(!_fromA, value);
    }

    /// <summary>Runs a cycle.</summary>
    /// <param name="world">The world before.</param>
    /// <param name="fromA">True if A sends.</param>
    /// <param name="end">How it ends.</param>
    /// <exception cref="ModelViolationException">An invariant does not hold.</exception>
    public static ModelMeeting Run(ModelWorld world, bool fromA, ModelEvent end) =>
        new ModelCycle(world, fromA, end).Run();

    private ModelMeeting Run()
    {
        if (From.Sender is { IsRetired: true })
        {
            return Refused(outcome: null, "rsyncfs target promote NAME, then rsyncfs target reverse NAME");
        }

        if (To.Target is null && To.IsInUse)
        {
            return Refused(outcome: null, "on the receiver: rsyncfs target adopt NAME");
        }

        var before = _world;
        var volume = From.Sender?.Volume;
        if (volume is null)
        {
            _world = _world.NewVolume(out volume);
        }

        var lineage = From.Sender?.Lineage ?? SourceLineage.None;
        var outcome = ConnectRules.Decide(lineage, From.Sender is not null, volume, To.Target);
        CheckPrimariesAreFound(outcome);
        if (outcome.IsRefusal())
        {
            var refusal = ConnectRefusal.Of(outcome, lineage, volume, To.Target!);
            return new ModelMeeting(before, outcome, refusal, Succeeded: false);
        }

        CheckMayWrite(lineage);
        Recognise(outcome, volume);
        var succeeded = Send(outcome);
        if (succeeded && From.Content != To.Content)
        {
            throw new ModelViolationException("a cycle reports success, and the target is not the source");
        }

        return new ModelMeeting(_world, outcome, Refusal: null, succeeded);
    }

    private ModelMeeting Refused(ConnectOutcome? outcome, string hint) =>
        new(
            _world,
            outcome,
            new RefusedException(ErrorId.Fenced, "refused") { Hint = hint },
            Succeeded: false
        );

    /// <summary>As the sender does when the target is open.</summary>
    private void Recognise(ConnectOutcome outcome, Volume volume)
    {
        var sender = From.Sender ?? new ModelSender(volume, SourceLineage.FirstEpoch);
        if (To.Target is { Status: TargetStatus.Consistent } target && target.Generation == sender.Proposed)
        {
            if (outcome != ConnectOutcome.AdvanceCursor)
            {
                throw new ModelViolationException("a proposed generation that happened was not recognised");
            }

            sender = sender.Acknowledge(target.Generation);
        }

        From = From.WithSender(sender);
    }

    /// <summary>Sends what differs; true if the sender learns that it arrived.</summary>
    private bool Send(ConnectOutcome outcome)
    {
        var isIncremental = outcome is ConnectOutcome.Incremental or ConnectOutcome.AdvanceCursor;
        if (isIncremental)
        {
            CheckBase();
        }

        _world = _world.NewId(out var generation);
        var sender = From.Sender!;
        var isUnchanged = To.Target is { Status: TargetStatus.Consistent } && To.Content == From.Content;
        if (_end == ModelEvent.SyncCut)
        {
            From = From.WithSender(sender.Propose(generation));
            BreakInPlace(generation);
            return false;
        }

        var end = new GenerationEnd(default, IsFuzzy: false);
        var start = new GenerationStart(generation, Guid.Empty, Now);
        var epoch = EpochOf(sender, outcome);
        if (isUnchanged)
        {
            To = To with { Target = GenerationRecord.Kept(To.Target!, start, end, epoch) };
        }
        else
        {
            Overwrite(From.Content);
            var status = IsInPlace(To.Target) ? InPlaceStatus(To.Target) : TargetStatus.Committed;
            var begun = GenerationRecord.Begun(To.Target, status, sender.Volume, epoch, generation, Now);
            To = To with { Target = GenerationRecord.Consistent(begun, start, end), Discardable = 0 };
            _world = _world with { Generations = _world.Generations.SetItem(generation, From.Content) };
        }

        To = To with { FollowedEpoch = Math.Max(To.FollowedEpoch, sender.Epoch), Received = To.Content };
        // Of an unchanged source nothing is proposed.
        var proposed = isUnchanged ? sender : sender.Propose(generation);
        From = From.WithSender(
            _end == ModelEvent.Sync ? proposed.Acknowledge(To.Target!.Generation) : proposed
        );
        return _end == ModelEvent.Sync;
    }

    /// <summary>A delta that is staged leaves the target as it was; one in place leaves a mix of both.</summary>
    private void BreakInPlace(Guid generation)
    {
        if (!IsInPlace(To.Target))
        {
            return;
        }

        _world = _world.NewGarbage(out var bit);
        Overwrite(From.Content | To.Content | bit);
        To = To with
        {
            Target = GenerationRecord.Begun(
                To.Target,
                InPlaceStatus(To.Target),
                From.Sender!.Volume,
                EpochOf(From.Sender, ConnectOutcome.Compare),
                generation,
                Now
            ),
        };
    }

    private void Overwrite(ulong content)
    {
        var lost = To.Content & ~From.Content & ~To.Discardable & ~_world.Garbage;
        if (lost != 0)
        {
            throw new ModelViolationException(
                "writes that only the target had are overwritten, and nobody has said that they may be"
            );
        }

        To = To with { Content = content };
    }

    private static bool IsInPlace(TargetRecord? record) => record is null || record.Status.IsInconsistent();

    private static TargetStatus InPlaceStatus(TargetRecord? record) =>
        record is null or { Status: TargetStatus.Initializing }
            ? TargetStatus.Initializing
            : TargetStatus.Direct;

    /// <summary>As <see cref="Admission"/> says.</summary>
    private ulong EpochOf(ModelSender sender, ConnectOutcome outcome) =>
        outcome == ConnectOutcome.TakeOver || To.Target is null
            ? sender.Epoch
            : Math.Max(sender.Epoch, To.Target.Epoch);

    /// <summary>An incremental delta is made against what the sender knows the target to be.</summary>
    private void CheckBase()
    {
        var known = From.Sender!.Cursor;
        if (!_world.Generations.TryGetValue(known, out var content) || content != To.Content)
        {
            throw new ModelViolationException(
                "an incremental delta is made against what the target does not hold"
            );
        }
    }

    private void CheckPrimariesAreFound(ConnectOutcome outcome)
    {
        if (!From.IsPrimary || !To.IsPrimary)
        {
            return;
        }

        var isKnown = From.Sender is { } sender && sender.Volume == To.Target!.Volume;
        var expected =
            isKnown && From.Sender!.Epoch >= To.Target!.Epoch
                ? ConnectOutcome.SplitBrain
                : ConnectOutcome.Promoted;
        if (outcome != expected)
        {
            throw new ModelViolationException($"two primaries meet, and the outcome is {outcome}");
        }
    }

    private void CheckMayWrite(SourceLineage lineage)
    {
        if (To.IsProtected || To.IsInUse)
        {
            throw new ModelViolationException(
                "a promoted target would be written, and nobody has said that it may be"
            );
        }

        if (lineage.Epoch < To.FollowedEpoch)
        {
            throw new ModelViolationException(
                "a sender would write a target that has followed a newer primary"
            );
        }
    }
}
