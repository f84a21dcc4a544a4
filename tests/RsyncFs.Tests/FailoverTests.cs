using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>
/// Who may continue whom, over the real wire: each sender that must not write a target is refused, with its own id
/// and a remedy, and nothing is written. After the remedy the two converge.
/// </summary>
public sealed class FailoverTests
{
    private const int Length = 1_000_000;

    private readonly byte[] _source = RandomBytes(1);
    private readonly byte[] _target = RandomBytes(2);
    private readonly ReplicationPair _pair;

    public FailoverTests()
    {
        _pair = new ReplicationPair(
            new MemoryBlockDevice(_source, "source"),
            new MemoryBlockDevice(_target, "target")
        );
    }

    private int _senders = 100;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TargetRecord Record => TargetRecord.Load(_pair.ReceiverState)!;

    [Fact]
    public async Task APromotedTargetFencesItsSender()
    {
        await _pair.RunAsync(Token);
        Act(target => target.Promote(force: false));
        await AssertRefusedAsync(ErrorId.Fenced, "rsyncfs target reverse t");
        // Idempotent, and fenced for ever, not once.
        var promoted = Record;
        Act(target => target.Promote(force: false));
        Assert.Equal(promoted, Record);
        await AssertRefusedAsync(ErrorId.Fenced, "rsyncfs target demote t");
        await Assert.ThrowsAsync<RefusedException>(() => _pair.VerifyAsync(Token));
    }

    [Fact]
    public async Task ADemotedTargetIsComparedAndLosesItsOwnWrites()
    {
        await _pair.RunAsync(Token);
        Act(target => target.Promote(force: false));
        _target[77] ^= 1;
        Act(target => target.Demote());
        var report = await _pair.RunAsync(Token);
        Assert.Equal((Plan.Compare, TargetStatus.Adopted), (report.Plan, report.TargetStatus));
        AssertEqual();
    }

    [Fact]
    public async Task ReverseShipsOnlyDifferencesAndFencesTheOldPrimary()
    {
        await _pair.RunAsync(Token);
        Act(target => target.Promote(force: false));
        new Random(3).NextBytes(_target.AsSpan(200_000, 5000));

        // The old primary becomes the target of the new one: its content is compared.
        var back = Reverse();
        var report = await back.RunAsync(Token);
        Assert.Equal((Plan.Compare, TargetStatus.Adopted), (report.Plan, report.TargetStatus));
        Assert.InRange(report.LiteralBytes, 5000, 50_000);
        AssertEqual();
        Assert.Equal(Plan.Digest, (await back.RunAsync(Token)).Plan);

        // The old primary has not heard of it: its sender, with the state that it had, meets a promoted target.
        await AssertRefusedAsync(ErrorId.Fenced, "rsyncfs target reverse t");
    }

    [Fact]
    public async Task TwoPromotedTargetsAreASplitBrain()
    {
        await _pair.RunAsync(Token);
        Act(target => target.Promote(force: false));
        var back = Reverse();
        await back.RunAsync(Token);
        // The old primary is promoted while the new one still is: each has an epoch of its own, and each is a source.
        using (var target = back.OpenTarget())
        {
            target.Promote(force: false);
        }

        var other = TargetRecord.Load(back.ReceiverState)!;
        SourceState.Load(_pair.SenderState).Become(other.Volume!, other.Epoch, other.Ancestors);
        var failure = await Assert.ThrowsAsync<RefusedException>(() => _pair.RunAsync(Token));
        Assert.Equal(ErrorId.SplitBrain, failure.Id);
    }

    [Fact]
    public async Task ASenderWhoseStateIsOldIsRefused()
    {
        await _pair.RunAsync(Token);
        var old = Copy(_pair.SenderState);
        Change();
        await _pair.RunAsync(Token);
        var stale = With(old);
        await AssertRefusedAsync(ErrorId.SenderBehind, "rsyncfs target adopt t", stale);

        Act(target => target.Adopt(newSender: false, overwrite: false, copy: null));
        Assert.Equal(Plan.Compare, (await stale.RunAsync(Token)).Plan);
        AssertEqual();
    }

    [Fact]
    public async Task TwoSendersWithOneStateAreASplitBrain()
    {
        await _pair.RunAsync(Token);
        var twin = With(Copy(_pair.SenderState));
        Change();
        await _pair.RunAsync(Token);
        Change();
        await _pair.RunAsync(Token);
        // The twin has gone on by itself, at another receiver.
        twin.Target = new MemoryBlockDevice(Length, "elsewhere");
        twin.ReceiverState = new SimulatedDurableDirectory();
        twin.Options = twin.Options with { Plan = Plan.Full };
        await twin.RunAsync(Token);
        var lost = SourceState.Load(twin.SenderState);
        lost.Become(lost.Volume!, lost.Epoch, [Guid.NewGuid()]);
        await AssertRefusedAsync(ErrorId.SplitBrain, "rsyncfs target adopt t", With(twin.SenderState));
    }

    [Fact]
    public async Task ASenderThatLostItsStateIsRefusedUntilItIsAdopted()
    {
        await _pair.RunAsync(Token);
        var newcomer = With(new SimulatedDurableDirectory());
        await AssertRefusedAsync(ErrorId.VolumeUnrelated, "rsyncfs target adopt t --new-sender", newcomer);

        Act(target => target.Adopt(newSender: true, overwrite: false, copy: null));
        Change();
        var report = await newcomer.RunAsync(Token);
        Assert.Equal(Plan.Compare, report.Plan);
        AssertEqual();
        // Bound to the new one now, and the old one is a stranger.
        await AssertRefusedAsync(ErrorId.VolumeUnrelated, "rsyncfs target adopt t --new-sender");
    }

    [Fact]
    public async Task AnUnrelatedVolumeIsRefused()
    {
        await _pair.RunAsync(Token);
        var other = new ReplicationPair(
            new MemoryBlockDevice(RandomBytes(9), "other"),
            new MemoryBlockDevice(Length, "elsewhere"),
            seed: 77
        );
        await other.RunAsync(Token);
        await AssertRefusedAsync(ErrorId.VolumeUnrelated, "--new-sender", With(other.SenderState));
    }

    [Fact]
    public async Task AReleasedTargetTakesNothingUntilItIsAdopted()
    {
        await _pair.RunAsync(Token);
        Act(target => target.GiveUp());
        await AssertRefusedAsync(ErrorId.TargetReleased, "rsyncfs target adopt t");
        Act(target => target.Adopt(newSender: false, overwrite: false, copy: null));
        Assert.Equal(Plan.Compare, (await _pair.RunAsync(Token)).Plan);
        AssertEqual();
    }

    /// <summary>Two generals: the generation happened, and nobody heard of it. The next session recognises what was proposed (C6).</summary>
    [Fact]
    public async Task AGenerationWhoseAcknowledgementWasLostIsRecognised()
    {
        await _pair.RunAsync(Token);
        Change();
        var before = await LoseTheLastWordAsync();
        var proposed = SourceState.Load(_pair.SenderState).At("t").Lineage;
        Assert.Equal((before, Record.Generation), (proposed.Cursor, proposed.Proposed));

        var report = await _pair.RunAsync(Token);
        Assert.Equal((Plan.Digest, true), (report.Plan, report.IsUnchanged));
        var known = SourceState.Load(_pair.SenderState).At("t").Lineage;
        Assert.Equal((Record.Generation, Guid.Empty), (known.Cursor, known.Proposed));
    }

    /// <summary>
    /// What was committed and found disturbed is diverged, at a generation that its sender only proposed. However
    /// often a later proposal fails, the sender is still the one that may mend it (C6, C10).
    /// </summary>
    [Fact]
    public async Task AGenerationThatDivergedBehindItsCommitPointIsRecognisedThoughALaterOneWasProposed()
    {
        await _pair.RunAsync(Token);
        Change();
        var memory = (MemoryBlockDevice)_pair.Target;
        _pair.Target = new HookedDevice(memory) { Flushing = () => memory.CountForeignWrite(8) };
        var failure = await Assert.ThrowsAsync<RefusedException>(() => _pair.RunAsync(Token));
        Assert.Equal(ErrorId.TargetInUse, failure.Id);
        var first = SourceState.Load(_pair.SenderState).At("t").Lineage.Proposed;
        Assert.Equal((TargetStatus.Diverged, first), (Record.Status, Record.Generation));

        _pair.Target = new HookedDevice(memory) { Reading = () => memory.CountForeignWrite(8) };
        await Assert.ThrowsAsync<RefusedException>(() => _pair.RunAsync(Token));
        var second = SourceState.Load(_pair.SenderState).At("t").Lineage.Proposed;
        Assert.NotEqual(first, second);
        Assert.Equal((TargetStatus.Diverged, first), (Record.Status, Record.Generation));

        _pair.Target = memory;
        Assert.Equal(Plan.Compare, (await _pair.RunAsync(Token)).Plan);
        AssertEqual();
        Assert.Equal(TargetStatus.Consistent, Record.Status);
    }

    /// <summary>What is committed is not yet on the target: the sender hears Applied when it is, and not before.</summary>
    [Fact]
    public async Task TheSenderDoesNotAdvanceBeforeItsGenerationIsOnTheTarget()
    {
        await _pair.RunAsync(Token);
        Change();
        var before = Record.Generation;
        var memory = _pair.Target;
        _pair.Target = new HookedDevice(memory)
        {
            Flushing = () => throw new DeviceException(ErrorId.TargetIo, "flush failed"),
        };
        await Assert.ThrowsAnyAsync<RsyncFsException>(() => _pair.RunAsync(Token));
        var lineage = SourceState.Load(_pair.SenderState).At("t").Lineage;
        Assert.Equal(TargetStatus.Faulted, Record.Status);
        Assert.Equal((before, Record.Pending!.Id), (lineage.Cursor, lineage.Proposed));

        _pair.Target = memory;
        await _pair.RunAsync(Token);
        AssertEqual();
    }

    /// <summary>In place a new generation is made even of nothing; when its acknowledgement is lost, it must be known (C6).</summary>
    [Fact]
    public async Task AnUnchangedCycleInPlaceWhoseAcknowledgementWasLostIsRecognised()
    {
        await _pair.RunAsync(Token);
        _pair.Policy = _pair.Policy with { OversizedMode = ApplyMode.Direct };
        Act(target => target.Save(target.Record! with { OverflowLimitBytes = long.MaxValue }));
        var (before, sender, receiver) = (Record.Generation, _pair.SenderState, _pair.ReceiverState);
        for (var at = 200; ; at += 10)
        {
            var cut = With(Copy(sender), Copy(receiver));
            cut.Wire = wire => CuttingStream.Cut(wire, isSenderCut: false, at);
            await Assert.ThrowsAsync<ConnectionException>(() => cut.RunAsync(Token));
            cut.Wire = wire => wire;
            var record = TargetRecord.Load(cut.ReceiverState)!;
            var isDone = record.Status == TargetStatus.Consistent && record.Generation != before;
            // Wherever it was cut, the next one goes through.
            await cut.RunAsync(Token);
            if (isDone)
            {
                return;
            }
        }
    }

    /// <summary>Others took the epoch of a primary that was reversed: a demote does not let its old sender in again.</summary>
    [Fact]
    public async Task AReversedPrimaryThatIsDemotedStillFencesItsOldSender()
    {
        await _pair.RunAsync(Token);
        Act(target => target.Promote(force: false));
        Act(target => target.BecomeSource());
        Act(target => target.Demote());
        var failure = await Assert.ThrowsAsync<RefusedException>(() => _pair.RunAsync(Token));
        Assert.Equal(ErrorId.Fenced, failure.Id);
    }

    [Fact]
    public async Task OneSourceServesTwoTargetsWithoutComparing()
    {
        await _pair.RunAsync(Token);
        var second = new ReplicationPair(_pair.Source, new MemoryBlockDevice(Length, "second"))
        {
            SenderState = _pair.SenderState,
            Destination = "second",
        };
        await second.RunAsync(Token);
        Change();
        Assert.Equal(Plan.Digest, (await _pair.RunAsync(Token)).Plan);
        Assert.Equal(Plan.Digest, (await second.RunAsync(Token)).Plan);
    }

    [Fact]
    public async Task AFullCompareIsMadeByScheduleAndReadsTheTarget()
    {
        await _pair.RunAsync(Token);
        Assert.Equal(Plan.Digest, (await _pair.RunAsync(Token)).Plan);
        _pair.Options = _pair.Options with { FullCompareEvery = TimeSpan.Zero };
        var report = await _pair.RunAsync(Token);
        Assert.Equal((Plan.Compare, "a full compare was due"), (report.Plan, report.PlanReason));
        Assert.True(report.TargetBytesRead >= Length, "the target was believed, not read");
        _pair.Options = _pair.Options with { FullCompareEvery = TimeSpan.FromDays(7) };
        Assert.Equal(Plan.Digest, (await _pair.RunAsync(Token)).Plan);
    }

    /// <summary>A write that no counter saw, far from both ends: the sample may miss it, the compare by schedule does not.</summary>
    [Fact]
    public async Task AFullCompareFindsWhatTheSampleMissed()
    {
        await _pair.RunAsync(Token);
        _target[Length / 2] ^= 1;
        _pair.Options = _pair.Options with { FullCompareEvery = TimeSpan.Zero };
        var failure = await Assert.ThrowsAnyAsync<RsyncFsException>(() => _pair.RunAsync(Token));
        Assert.True(failure.Id is ErrorId.TargetDiverged or ErrorId.AuditFailed, $"{failure.Id}");
        Assert.Equal(TargetStatus.Diverged, Record.Status);
        using (var target = _pair.OpenTarget())
        {
            Assert.Equal(
                ErrorId.TargetState,
                Assert.Throws<RefusedException>(() => target.Promote(force: false)).Id
            );
        }

        await _pair.RunAsync(Token);
        AssertEqual();
        Assert.Equal(TargetStatus.Consistent, Record.Status);
    }

    /// <summary>Cuts the receiver's words ever later, until a generation happened of which the sender did not hear; gives the one before it.</summary>
    private async Task<Guid> LoseTheLastWordAsync()
    {
        for (var at = 500; ; at += 10)
        {
            var before = Record.Generation;
            var bytes = at;
            _pair.Wire = wire => CuttingStream.Cut(wire, isSenderCut: false, bytes);
            await Assert.ThrowsAsync<ConnectionException>(() => _pair.RunAsync(Token));
            _pair.Wire = wire => wire;
            if (Record.Generation != before)
            {
                return before;
            }
        }
    }

    private ReplicationPair Reverse()
    {
        var back = new ReplicationPair(
            ((MemoryBlockDevice)_pair.Target).Reopen(),
            ((MemoryBlockDevice)_pair.Source).Reopen()
        )
        {
            Options = _pair.Options,
        };
        SourceState.Load(back.SenderState).Become(Record.Volume!, Record.Epoch, Record.Ancestors);
        var was = SourceState.Load(_pair.SenderState);
        using var adopted = back.OpenTarget();
        adopted.Adopt(newSender: false, overwrite: true, new KnownCopy(was.Volume!, was.Epoch));
        return back;
    }

    private ReplicationPair With(IDurableDirectory senderState, IDurableDirectory? receiverState = null) =>
        new(_pair.Source, _pair.Target, ++_senders)
        {
            SenderState = senderState,
            ReceiverState = receiverState ?? _pair.ReceiverState,
            Options = _pair.Options,
            Policy = _pair.Policy,
        };

    private void Act(Action<Target> act)
    {
        using var target = _pair.OpenTarget();
        target.Lease();
        act(target);
        target.Release();
    }

    private async Task AssertRefusedAsync(ErrorId id, string remedy, ReplicationPair? sender = null)
    {
        var (before, record) = (_target.ToArray(), Record);
        var failure = await Assert.ThrowsAsync<RefusedException>(() => (sender ?? _pair).RunAsync(Token));
        Assert.Equal(id, failure.Id);
        Assert.Contains(remedy, failure.Hint, StringComparison.Ordinal);
        Assert.Equal(before, _target);
        Assert.Equal(record, Record);
    }

    private void Change() => new Random(_source[5]).NextBytes(_source.AsSpan(0, 50_000));

    private void AssertEqual() =>
        Assert.True(_source.AsSpan().SequenceEqual(_target), "source and target differ");

    private static SimulatedDurableDirectory Copy(IDurableDirectory directory)
    {
        var copy = new SimulatedDurableDirectory();
        foreach (var name in directory.List())
        {
            using var from = directory.Open(name);
            var bytes = new byte[from.LengthBytes];
            from.Read(0, bytes);
            using var to = copy.Create(name);
            to.Write(0, bytes);
            to.Flush();
        }

        copy.Flush();
        return copy;
    }

    private static byte[] RandomBytes(int seed)
    {
        var bytes = new byte[Length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
