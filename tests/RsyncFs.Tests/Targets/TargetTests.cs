using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Journals;
using RsyncFs.Targets;
using Xunit;

namespace RsyncFs.Tests.Targets;

/// <summary>What a target believes of the files beside its state, and what it leaves alone.</summary>
public sealed class TargetTests : TargetScene
{
    /// <summary>I9: the device was not written, but the map is of another generation.</summary>
    [Fact]
    public async Task AMapOfAnotherGenerationIsNotBelieved()
    {
        await ReplicateAsync();
        using var target = Open();
        Assert.True(IsMapTrusted(target));
        target.Save(target.Record! with { Generation = Guid.NewGuid() });
        Assert.False(IsMapTrusted(target));
    }

    [Fact]
    public async Task APartialJournalOfAnotherBaseIsNotOffered()
    {
        await ReplicateAsync();
        using var target = Open();
        Partial(target, target.Record!.Generation);
        Assert.True(HasPartial(target));
        Partial(target, Guid.NewGuid());
        Assert.False(HasPartial(target));
    }

    /// <summary>C17: so many records are here, but others than those that the sender remembers.</summary>
    [Fact]
    public async Task ADeltaIsNotGoneOnWithFromAMarkOfAnotherChain()
    {
        await ReplicateAsync();
        using var target = Open();
        Partial(target, target.Record!.Generation);
        using var delta = InterruptedDelta.Open(target, () => Journal.TryOpen(StateFiles, long.MaxValue));
        var other = delta.Position with { Chain = new Digest(1, 1) };
        Assert.Throws<ProtocolException>(() => delta.Take(other));
    }

    /// <summary>C11: who mounts it must be the only one who has it.</summary>
    [Fact]
    public async Task APromotedTargetGivesItsDeviceUp()
    {
        await ReplicateAsync();
        using var target = Open();
        target.Promote(force: false);
        Assert.False(target.HoldsDevice);
    }

    /// <summary>C17: without a reading of the device only its evidence says that what was proven is still so.</summary>
    [Fact]
    public async Task APartialJournalOfADeviceThatSomebodyWroteIsOfferedOnlyIfTheDeviceIsRead()
    {
        await ReplicateAsync();
        using var target = Open();
        Partial(target, target.Record!.Generation);
        Disk.WriteByAnother(0, new byte[512]);
        Assert.False(HasPartial(target));
        Assert.True(HasPartial(target, willBeRead: true));
    }

    /// <summary>C4: what it vouches for was written of another source.</summary>
    [Fact]
    public async Task AWatermarkOfAnotherGenerationIsNotBelieved()
    {
        await ReplicateAsync();
        using var target = Open();
        var pending = new PendingGeneration(Guid.NewGuid(), Guid.Empty, 0, default);
        target.Save(target.Record! with { Status = TargetStatus.Initializing, Pending = pending });
        target.Save(new Watermark(pending.Id, 3, new Digest(1, 2)));
        Assert.NotNull(target.LoadWatermark());
        target.Save(new Watermark(Guid.NewGuid(), 3, new Digest(1, 2)));
        Assert.Null(target.LoadWatermark());
    }

    /// <summary>C10, C17: what was staged was proven against a generation that the target is not, or not known to be.</summary>
    [Theory]
    [InlineData(TargetStatus.Diverged)]
    [InlineData(TargetStatus.Adopted)]
    public async Task NothingIsOfferedToGoOnWithOnATargetThatIsNotProven(TargetStatus status)
    {
        await ReplicateAsync();
        using var target = Open();
        Partial(target, target.Record!.Generation);
        Assert.False((await OfferedAsync(target)).IsNone);
        if (status == TargetStatus.Diverged)
        {
            target.MarkDiverged();
        }
        else
        {
            target.Adopt(newSender: false, overwrite: false, copy: null);
        }

        Assert.True((await OfferedAsync(target)).IsNone);
    }

    /// <summary>C17: a delta that goes on has the room that it would have had in one piece.</summary>
    [Fact]
    public async Task APartialJournalCountsTowardsItsOwnLimit()
    {
        await ReplicateAsync();
        Pair.Policy = Pair.Policy with { KeepFreeBytes = 0 };
        StateFiles.FreeBytes = 1024 * 1024;
        using var target = Open();
        var before = target.JournalLimitBytes();
        Partial(target, target.Record!.Generation);
        Assert.True(Journal.AllocatedBytes(StateFiles) > 0);
        Assert.Equal(before, target.JournalLimitBytes());
    }
}
