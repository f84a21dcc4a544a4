using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Sources;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>C6: what a sender remembers of generations that happened, that may have happened, and that were lost on the way.</summary>
public sealed class AcknowledgementTests : FailoverScene
{
    /// <summary>Two generals: the generation happened, and nobody heard of it. The next session recognises what was proposed (C6).</summary>
    [Fact]
    public async Task AGenerationWhoseAcknowledgementWasLostIsRecognised()
    {
        await Pair.RunAsync(Token);
        Change();
        var before = await LoseTheLastWordAsync();
        var proposed = SourceState.Load(Pair.SenderState).At("t").Lineage;
        Assert.Equal((before, Record.Generation), (proposed.Cursor, proposed.Proposed));

        var report = await Pair.RunAsync(Token);
        Assert.Equal((Plan.Digest, true), (report.Plan, report.IsUnchanged));
        var known = SourceState.Load(Pair.SenderState).At("t").Lineage;
        Assert.Equal((Record.Generation, Guid.Empty), (known.Cursor, known.Proposed));
    }

    /// <summary>
    /// What was committed and found disturbed is diverged, at a generation that its sender only proposed. However
    /// often a later proposal fails, the sender is still the one that may mend it (C6, C10).
    /// </summary>
    [Fact]
    public async Task AGenerationThatDivergedBehindItsCommitPointIsRecognisedThoughALaterOneWasProposed()
    {
        await Pair.RunAsync(Token);
        Change();
        var memory = (MemoryBlockDevice)Pair.Target;
        Pair.Target = new HookedDevice(memory) { Flushing = () => memory.CountForeignWrite(8) };
        var failure = await Assert.ThrowsAsync<RefusedException>(() => Pair.RunAsync(Token));
        Assert.Equal(ErrorId.TargetInUse, failure.Id);
        var first = SourceState.Load(Pair.SenderState).At("t").Lineage.Proposed;
        Assert.Equal((TargetStatus.Diverged, first), (Record.Status, Record.Generation));

        Pair.Target = new HookedDevice(memory) { Reading = () => memory.CountForeignWrite(8) };
        await Assert.ThrowsAsync<RefusedException>(() => Pair.RunAsync(Token));
        var second = SourceState.Load(Pair.SenderState).At("t").Lineage.Proposed;
        Assert.NotEqual(first, second);
        Assert.Equal((TargetStatus.Diverged, first), (Record.Status, Record.Generation));

        Pair.Target = memory;
        Assert.Equal(Plan.Compare, (await Pair.RunAsync(Token)).Plan);
        AssertEqual();
        Assert.Equal(TargetStatus.Consistent, Record.Status);
    }

    /// <summary>What is committed is not yet on the target: the sender hears Applied when it is, and not before.</summary>
    [Fact]
    public async Task TheSenderDoesNotAdvanceBeforeItsGenerationIsOnTheTarget()
    {
        await Pair.RunAsync(Token);
        Change();
        var before = Record.Generation;
        var memory = Pair.Target;
        Pair.Target = new HookedDevice(memory)
        {
            Flushing = () => throw new DeviceException(ErrorId.TargetIo, "flush failed"),
        };
        await Assert.ThrowsAnyAsync<RsyncFsException>(() => Pair.RunAsync(Token));
        var lineage = SourceState.Load(Pair.SenderState).At("t").Lineage;
        Assert.Equal(TargetStatus.Faulted, Record.Status);
        Assert.Equal((before, Record.Pending!.Id), (lineage.Cursor, lineage.Proposed));

        Pair.Target = memory;
        await Pair.RunAsync(Token);
        AssertEqual();
    }

    /// <summary>In place a new generation is made even of nothing; when its acknowledgement is lost, it must be known (C6).</summary>
    [Fact]
    public async Task AnUnchangedCycleInPlaceWhoseAcknowledgementWasLostIsRecognised()
    {
        await Pair.RunAsync(Token);
        Pair.Policy = Pair.Policy with { OversizedMode = ApplyMode.Direct };
        Act(target => target.Save(target.Record! with { OverflowLimitBytes = long.MaxValue }));
        var (before, sender, receiver) = (Record.Generation, Pair.SenderState, Pair.ReceiverState);
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

    [Fact]
    public async Task OneSourceServesTwoTargetsWithoutComparing()
    {
        await Pair.RunAsync(Token);
        var second = new ReplicationPair(Pair.Source, new MemoryBlockDevice(Length, "second"))
        {
            SenderState = Pair.SenderState,
            Destination = "second",
        };
        await second.RunAsync(Token);
        Change();
        Assert.Equal(Plan.Digest, (await Pair.RunAsync(Token)).Plan);
        Assert.Equal(Plan.Digest, (await second.RunAsync(Token)).Plan);
    }
}
