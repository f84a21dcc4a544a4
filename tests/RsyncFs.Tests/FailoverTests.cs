using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Sources;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>
/// Who may continue whom, over the real wire: each sender that must not write a target is refused, with its own id
/// and a remedy, and nothing is written. After the remedy the two converge.
/// </summary>
public sealed class FailoverTests : FailoverScene
{
    [Fact]
    public async Task APromotedTargetFencesItsSender()
    {
        await Pair.RunAsync(Token);
        Act(target => target.Promote(force: false));
        await AssertRefusedAsync(ErrorId.Fenced, "rsyncfs target reverse t");
        // Idempotent, and fenced for ever, not once.
        var promoted = Record;
        Act(target => target.Promote(force: false));
        Assert.Equal(promoted, Record);
        await AssertRefusedAsync(ErrorId.Fenced, "rsyncfs target demote t");
        await Assert.ThrowsAsync<RefusedException>(() => Pair.VerifyAsync(Token));
    }

    [Fact]
    public async Task ADemotedTargetIsComparedAndLosesItsOwnWrites()
    {
        await Pair.RunAsync(Token);
        Act(target => target.Promote(force: false));
        TargetBytes[77] ^= 1;
        Act(target => target.Demote());
        var report = await Pair.RunAsync(Token);
        Assert.Equal((Plan.Compare, TargetStatus.Adopted), (report.Plan, report.TargetStatus));
        AssertEqual();
    }

    [Fact]
    public async Task ReverseShipsOnlyDifferencesAndFencesTheOldPrimary()
    {
        await Pair.RunAsync(Token);
        Act(target => target.Promote(force: false));
        new Random(3).NextBytes(TargetBytes.AsSpan(200_000, 5000));

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
        await Pair.RunAsync(Token);
        Act(target => target.Promote(force: false));
        var back = Reverse();
        await back.RunAsync(Token);
        // The old primary is promoted while the new one still is: each has an epoch of its own, and each is a source.
        using (var target = back.OpenTarget())
        {
            target.Promote(force: false);
        }

        var other = TargetRecord.Load(back.ReceiverState)!;
        SourceState.Load(Pair.SenderState).Become(other.Volume!, other.Epoch, other.Ancestors);
        var failure = await Assert.ThrowsAsync<RefusedException>(() => Pair.RunAsync(Token));
        Assert.Equal(ErrorId.SplitBrain, failure.Id);
    }

    [Fact]
    public async Task ASenderWhoseStateIsOldIsRefused()
    {
        await Pair.RunAsync(Token);
        var old = Copy(Pair.SenderState);
        Change();
        await Pair.RunAsync(Token);
        var stale = With(old);
        await AssertRefusedAsync(ErrorId.SenderBehind, "rsyncfs target adopt t", stale);

        Act(target => target.Adopt(newSender: false, overwrite: false, copy: null));
        Assert.Equal(Plan.Compare, (await stale.RunAsync(Token)).Plan);
        AssertEqual();
    }

    [Fact]
    public async Task TwoSendersWithOneStateAreASplitBrain()
    {
        await Pair.RunAsync(Token);
        var twin = With(Copy(Pair.SenderState));
        Change();
        await Pair.RunAsync(Token);
        Change();
        await Pair.RunAsync(Token);
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
        await Pair.RunAsync(Token);
        var newcomer = With(new SimulatedDurableDirectory());
        await AssertRefusedAsync(ErrorId.SenderUnknown, "rsyncfs target adopt t --new-sender", newcomer);

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
        await Pair.RunAsync(Token);
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
        await Pair.RunAsync(Token);
        Act(target => target.GiveUp());
        await AssertRefusedAsync(ErrorId.TargetReleased, "rsyncfs target adopt t");
        Act(target => target.Adopt(newSender: false, overwrite: false, copy: null));
        Assert.Equal(Plan.Compare, (await Pair.RunAsync(Token)).Plan);
        AssertEqual();
    }

    /// <summary>Others took the epoch of a primary that was reversed: a demote does not let its old sender in again.</summary>
    [Fact]
    public async Task AReversedPrimaryThatIsDemotedStillFencesItsOldSender()
    {
        await Pair.RunAsync(Token);
        Act(target => target.Promote(force: false));
        Act(target => target.BecomeSource());
        Act(target => target.Demote());
        var failure = await Assert.ThrowsAsync<RefusedException>(() => Pair.RunAsync(Token));
        Assert.Equal(ErrorId.StaleSender, failure.Id);
    }
}
