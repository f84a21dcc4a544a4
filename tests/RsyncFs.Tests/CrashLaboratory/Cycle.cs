using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Journals;
using RsyncFs.Maps;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using RsyncFs.Updates;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>
/// One session of a sender on a target, as <see cref="ReceiverSession"/> conducts it, without a connection. Whatever
/// is promised to the sender is written into the ledger at the moment at which it is promised.
/// </summary>
/// <param name="life">The machine.</param>
/// <param name="chance">What the sender does.</param>
internal sealed class Cycle(Life life, Chance chance)
{
    private readonly World _world = life.World;
    private readonly Target _target = life.Target;

    /// <summary>True to send the source as it was sent last.</summary>
    public bool IsUnchanged { get; init; }

    /// <summary>True to send a source of which nothing is as it was.</summary>
    public bool IsAllNew { get; init; }

    /// <summary>When somebody else writes to the device.</summary>
    public Disturbance Disturbance { get; init; }

    /// <summary>True to break off in the middle of the delta.</summary>
    public bool BreaksOff { get; init; }

    /// <summary>True to go on with an interrupted delta if there is one.</summary>
    public bool Resumes { get; init; } = true;

    /// <summary>Runs cycles until one succeeds, as a sender does.</summary>
    /// <exception cref="ViolationException">None succeeds, though nothing hinders.</exception>
    public static void RunToSuccess(Life life, Chance chance)
    {
        for (var attempt = 1; ; attempt++)
        {
            var status = life.Target.Record?.Status ?? TargetStatus.Empty;
            if (!status.HoldsDevice() || status == TargetStatus.Faulted)
            {
                return;
            }

            try
            {
                new Cycle(life, chance) { Resumes = chance.Below(4) > 0 }.Run();
                return;
            }
            catch (RsyncFsException failure)
            {
                // A comparison may find that the device is not what it should be: said once, and mended by the next.
                // A delta that does not fit is written in place at the next attempt.
                var isExcused =
                    life.Ledger.HasRot
                    || life.Ledger.HasForeignWrite
                    || (failure.Id == ErrorId.JournalFull && attempt == 1);
                life.Require(
                    isExcused && attempt < 4,
                    "converge",
                    $"a cycle that nothing hinders fails: {failure.Message}: {failure.Cause}"
                );
            }
        }
    }

    /// <summary>Runs it.</summary>
    /// <exception cref="RsyncFsException">The receiver failed or refused.</exception>
    public void Run()
    {
        _target.Lease();
        try
        {
            life.Say("a session begins");
            var admission = _target.Admit(
                new AdmissionRequest(
                    new SetShape(_world.Layout.LengthBytes),
                    _world.Volume,
                    IsNewVolume: false,
                    WritesNothing: false
                )
                {
                    Lineage = life.Ledger.Lineage,
                }
            );
            if (_target.Record is { } known && known.Generation == life.Ledger.Lineage.Proposed)
            {
                life.Ledger.Acknowledge(known.Generation);
            }

            if (admission.Mode == ApplyMode.Journal)
            {
                RunByJournal(admission);
            }
            else
            {
                RunInPlace(admission);
            }
        }
        catch (RefusedException full) when (full.Id == ErrorId.JournalFull)
        {
            life.Ledger.OverflowLimitBytes = _target.JournalLimitBytes();
            throw;
        }
        finally
        {
            _target.Release();
        }
    }

    private void RunByJournal(Admission admission)
    {
        var record = _target.Record!;
        var isConsistent = record.Status == TargetStatus.Consistent;
        var evidence = _target.Device.ReadEvidence();
        var trusted = isConsistent ? _target.OpenTrustedMap(_world.Hasher) : null;
        var limit = _target.JournalLimitBytes();
        var partial = _target.OpenPartialJournal(
            admission.Volume,
            evidence,
            isConsistent && trusted is null,
            limit
        );
        using var map = trusted ?? ReadMap(_world.Layout.BlockCount);
        if (isConsistent && map.ComputeRoot() != record.Root)
        {
            partial?.Dispose();
            MarkDiverged();
        }

        var delta = Resumes && partial is not null ? _world.FindDelta(partial.Header.Generation) : null;
        var resumed = delta is null ? 0 : partial!.Marks[chance.Below(partial.Marks.Count)].RecordCount;
        if (delta is null)
        {
            partial?.Dispose();
            partial = null;
            _target.DiscardJournal();
            delta = NewDelta(isConsistent);
        }
        else
        {
            life.Say($"it goes on at record {resumed}");
            GoBack(partial!, delta, resumed);
        }

        var parent = isConsistent ? record.Generation : Guid.Empty;
        var resolver = new BlockResolver(_target.Device, _world.Hasher, _world.Services.Codecs)
        {
            TakesPatches = true,
        };
        using var update = new JournalUpdate(
            Context(admission, delta, parent, evidence),
            map,
            resolver,
            partial,
            limit
        );
        Send(update, delta, resumed, record);
    }

    private void RunInPlace(Admission admission)
    {
        var record = _target.Record;
        var evidence = _target.Device.ReadEvidence();
        var watermark = _target.LoadWatermark();
        var delta = Resumes && watermark is not null ? _world.FindDelta(watermark.Generation) : null;
        var resumed = 0L;
        if (delta is { IsFull: true })
        {
            resumed = watermark!.RecordCount;
            life.Say($"it goes on at record {resumed}");
            var chain = delta.ChainOf(resumed, _world.Hasher.Hash);
            life.Require(
                chain.Value == watermark.Chain,
                "resume",
                "the watermark has another chain than its delta"
            );
        }
        else
        {
            delta = chance.OneIn(2)
                ? new DeltaMaker(_world, chance).Full(NextGeneration())
                : NewDelta(mayCopy: false);
        }

        var frontier = resumed == 0 ? 0 : EndOf(delta.Records[(int)resumed - 1]);
        using var map = ReadMap(delta.IsFull ? frontier : _world.Layout.BlockCount);
        var context = Context(admission, delta, Guid.Empty, evidence);
        var status = record is null or { Status: TargetStatus.Initializing }
            ? TargetStatus.Initializing
            : TargetStatus.Direct;
        life.Ledger.MayBecome(new Outcome(status));
        var resolver = new BlockResolver(_target.Device, _world.Hasher, _world.Services.Codecs);
        using var update = new DirectUpdate(context, map, resolver);
        life.Ledger.Is(new Outcome(status));
        Send(update, delta, resumed, record);
    }

    private void Send(ITargetUpdate update, Delta delta, long resumed, TargetRecord? record)
    {
        var chain = delta.ChainOf(resumed, _world.Hasher.Hash);
        var end = BreaksOff
            ? resumed + chance.Below(delta.Records.Count - (int)resumed + 1)
            : delta.Records.Count;
        for (var i = resumed; i < end; i++)
        {
            chain.Add(delta.Records[(int)i]);
            life.Require(update.Stage(delta.Records[(int)i]), "C12", $"record {i} did not prove");
            if (chance.OneIn(BreaksOff ? 2 : 6))
            {
                life.Say($"checkpoint at record {chain.RecordCount}");
                update.Checkpoint(chain.RecordCount, chain.Value);
            }
        }

        if (BreaksOff)
        {
            life.Say("the session breaks off");
            return;
        }

        var generation = delta.Generation;
        var isNew = record is not { Status: TargetStatus.Consistent } || record.Root != generation.Root;
        var at = new Outcome(TargetStatus.Consistent, isNew ? generation.Id : record!.Generation);
        Disturb(Disturbance.BeforeCommit);
        life.Ledger.OverflowLimitBytes = 0;
        life.Ledger.MayBecome(at);
        life.Ledger.Propose(generation.Id);
        if (update.MakeDurable(new GenerationEnd(generation.Root, IsFuzzy: false), Ignore))
        {
            life.Say("durable is said");
            life.Ledger.Is(at);
        }

        Disturb(Disturbance.BeforeApply);
        var applied = update.Apply(Ignore);
        life.Say("applied is said");
        life.Ledger.Acknowledge(applied);
        life.Ledger.Is(at);
        life.Ledger.HasForeignWrite &= Disturbance != Disturbance.None;
        life.Ledger.HasRot = false;
        life.Require(applied == at.Generation, "ack", "another generation is acknowledged than was sent");
        Judge.Look(life);
    }

    private void MarkDiverged()
    {
        life.Require(
            life.Ledger.HasForeignWrite,
            "I1",
            "the device was read, and is not the generation that the state says"
        );
        life.Ledger.MayBecome(new Outcome(TargetStatus.Diverged));
        _target.MarkDiverged();
        life.Ledger.Is(new Outcome(TargetStatus.Diverged));
        throw new RsyncFsException(ErrorId.TargetDiverged, "the target is not the generation it should be");
    }

    private void Disturb(Disturbance moment)
    {
        if (Disturbance != moment)
        {
            return;
        }

        life.WriteByAnother(chance);
        life.Ledger.MayBecome(new Outcome(TargetStatus.Diverged));
    }

    private Delta NewDelta(bool mayCopy) =>
        new DeltaMaker(_world, chance).Difference(life.Machine.Device.Content, NextGeneration(), mayCopy);

    private Generation NextGeneration()
    {
        if (IsAllNew)
        {
            life.Ledger.Source = _world.NewImage();
        }
        else if (!IsUnchanged)
        {
            life.Ledger.Source = _world.Changed(life.Ledger.Source, chance);
        }

        return _world.NewGeneration(life.Ledger.Source);
    }

    private void GoBack(Journal partial, Delta delta, long recordCount)
    {
        var mark = partial.Marks.First(mark => mark.RecordCount == recordCount);
        var chain = delta.ChainOf(recordCount, _world.Hasher.Hash);
        life.Require(chain.Value == mark.Chain, "resume", "the journal has another chain than its delta");
        partial.GoBackTo(mark);
    }

    private UpdateContext Context(Admission admission, Delta delta, Guid parent, ChangeEvidence evidence) =>
        new(
            _target,
            admission.Volume,
            _world.Hasher,
            admission.Epoch,
            new GenerationStart(delta.Generation.Id, parent, _world.Services.Clock.GetUtcNow()),
            evidence
        )
        {
            IsFirstCopy = admission.IsFirstCopy,
        };

    /// <summary>A map of what the device holds up to a block, made by reading it.</summary>
    private DigestMap ReadMap(long endBlock)
    {
        var map = _target.CreateMap(_world.Hasher);
        try
        {
            var content = new byte[_world.Layout.BlockSizeBytes];
            var entry = new byte[_world.Hasher.EntryLength];
            for (var block = 0L; block < endBlock; block++)
            {
                var bytes = content.AsSpan(0, _world.Layout.LengthOf(block));
                _target.Device.Read(_world.Layout.OffsetOf(block), bytes);
                BlockHasher.WriteEntry(_world.Hasher.Compute(bytes), entry);
                map.Set(block, entry);
            }

            return map;
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    private static long EndOf(DeltaRecord record) => record.FirstBlock + record.BlockCount;

    private static void Ignore(UpdateStep step, long bytes) { }
}
