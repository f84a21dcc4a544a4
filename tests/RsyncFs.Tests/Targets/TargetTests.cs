using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Journals;
using RsyncFs.Protocol.Messages;
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

    /// <summary>C10: whichever write of the verdict fails, the next session does not believe the device unread.</summary>
    [Fact]
    public async Task AnAuditThatFailsLeavesATraceThoughAWriteOfItFails()
    {
        var good = await ReplicateAsync();
        for (var (call, isDone) = (1L, false); !isDone; call++)
        {
            for (var seed = 0; seed < 8; seed++)
            {
                Disk.Fill(good);
                await ReplicateAsync();
                isDone = !AuditWith(call, good);
                StateFiles.Crash(seed);
                using var opened = Open();
                Assert.True(
                    opened.Record!.Status == TargetStatus.Diverged || !IsMapTrusted(opened),
                    $"call {call}, seed {seed}: nobody knows of it"
                );
            }
        }
    }

    /// <summary>Finds a write that nobody counted, while a call of the state directory fails; false if so many were not made.</summary>
    private bool AuditWith(long failingCall, byte[] good)
    {
        using var target = Open();
        var hasher = HasherOf(target);
        var reader = new TargetReader(target.Device, hasher, (_, _) => { });
        using var map = new TargetMap(target, hasher, reader, isWhole: true, writes: true);
        Assert.True(map.IsTrusted);
        var bad = good.ToArray();
        bad[Block * BlockSize] ^= 1;
        Disk.Fill(bad);
        StateFiles.Faults.FailAt(failingCall);
        try
        {
            map.Audit(new AuditQuery([Block]));
        }
        catch (StateException)
        {
            // Only what it leaves behind counts.
        }

        var hasStruck = StateFiles.Faults.HasStruck;
        StateFiles.Faults.Restart();
        return hasStruck;
    }

    /// <summary>Says which bound it was, and what helps against that one.</summary>
    [Theory]
    [InlineData(1000, 1L << 40, 0, "--journal-limit", "raise --journal-limit")]
    [InlineData(1L << 40, 100_000, 90_000, "90000 of them stay free", "lower --keep-free")]
    [InlineData(1L << 40, 100_000, 0, "at most half of them", "free space there;")]
    public async Task WhereThereIsNoRoomForAJournalTheBoundIsNamed(
        long limitBytes,
        long freeBytes,
        long keepFreeBytes,
        string bound,
        string remedy
    )
    {
        await ReplicateAsync();
        Pair.Policy = Pair.Policy with { JournalLimitBytes = limitBytes, KeepFreeBytes = keepFreeBytes };
        StateFiles.FreeBytes = freeBytes;
        new Random(2).NextBytes(((MemoryBlockDevice)Pair.Source).Content);
        var failure = await Assert.ThrowsAsync<RefusedException>(ReplicateAsync);
        Assert.Equal(ErrorId.JournalFull, failure.Id);
        Assert.Contains(bound, failure.Cause, StringComparison.Ordinal);
        Assert.Contains(remedy, failure.Hint, StringComparison.Ordinal);
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
