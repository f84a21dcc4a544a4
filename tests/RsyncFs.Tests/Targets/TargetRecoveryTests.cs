using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using RsyncFs.Updates;
using Xunit;

namespace RsyncFs.Tests.Targets;

/// <summary>What is made of a state and a journal that an earlier process left, without its sender (C9).</summary>
public sealed class TargetRecoveryTests : TargetScene
{
    /// <summary>I5: what the state promises is in the journal that it names, and in no other.</summary>
    [Fact]
    public async Task ACommittedTargetDoesNotTakeAnotherJournalForItsOwn()
    {
        var before = await ReplicateAsync();
        using (var target = Open())
        {
            var named = Whole(target, target.Record!.Generation);
            target.Save(target.Record with { Status = TargetStatus.Committed, Pending = named });
            Whole(target, target.Record.Generation);
        }

        using var opened = Open();
        Assert.Equal(TargetStatus.Faulted, opened.Record!.Status);
        Assert.Equal(before, Disk.Content);
    }

    /// <summary>C2: it is whole, and was proven against another generation.</summary>
    [Fact]
    public async Task AWholeJournalOfAnotherBaseIsNotRolledForward()
    {
        var before = await ReplicateAsync();
        TargetRecord record;
        using (var target = Open())
        {
            record = target.Record!;
            Whole(target, Guid.NewGuid());
        }

        using var opened = Open();
        Assert.Equal(record, opened.Record);
        Assert.Equal(before, Disk.Content);
        Assert.False(StateFiles.Exists("journal"));
    }

    [Fact]
    public async Task AWholeJournalOfItsBaseIsRolledForward()
    {
        await ReplicateAsync();
        Guid generation;
        using (var target = Open())
        {
            generation = Whole(target, target.Record!.Generation).Id;
        }

        using var opened = Open();
        Assert.Equal(
            (TargetStatus.Consistent, generation),
            (opened.Record!.Status, opened.Record.Generation)
        );
    }

    /// <summary>I2: only a state that was lost can leave such a journal, and with it perhaps an acknowledged generation.</summary>
    [Fact]
    public async Task AWholeJournalWithoutAStateIsKeptForAPerson()
    {
        await ReplicateAsync();
        using (var target = Open())
        {
            Whole(target, target.Record!.Generation);
        }

        StateFiles.Delete("state");
        for (var attempt = 0; attempt < 2; attempt++)
        {
            Assert.Equal(ErrorId.StateDamaged, Assert.Throws<StateException>(Open).Id);
            Assert.True(StateFiles.Exists("journal"));
        }
    }

    /// <summary>C2, C9: the pages that a journal does not write were somebody else's when it was redone.</summary>
    [Fact]
    public async Task ARedoneBlockThatDoesNotProveMakesTheTargetDiverged()
    {
        await ReplicateAsync();
        using (var target = Open())
        {
            var pending = Whole(target, target.Record!.Generation);
            target.Save(target.Record with { Status = TargetStatus.Committed, Pending = pending });
        }

        Disk.WriteByAnother(Block * BlockSize, new byte[512]);
        using var opened = Open();
        Assert.Equal(TargetStatus.Diverged, opened.Record!.Status);
    }

    /// <summary>Trust that was taken away must not come back with the loss of one sector.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1024 * 1024)]
    public async Task ThatItDivergedOutlivesTheLossOfEitherSlot(int slotOffset)
    {
        await ReplicateAsync();
        using (var target = Open())
        {
            target.MarkDiverged();
        }

        StateFiles.BytesOf("state")!.Damage(slotOffset, new byte[512]);
        using var opened = Open();
        Assert.Equal(TargetStatus.Diverged, opened.Record!.Status);
    }

    /// <summary>I10: from before the first write on the device may be a mix, and nothing may say that it is a generation.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1024 * 1024)]
    public async Task ThatItIsWrittenInPlaceOutlivesTheLossOfEitherSlot(int slotOffset)
    {
        await ReplicateAsync();
        using (var target = Open())
        {
            var record = target.Record!;
            var hasher = HasherOf(target);
            var start = new GenerationStart(Guid.NewGuid(), record.Generation, DateTimeOffset.UnixEpoch);
            var evidence = target.Device.ReadEvidence();
            var context = new UpdateContext(target, record.Volume!, hasher, record.Epoch, start, evidence);
            using var map = target.CreateMap(hasher);
            var resolver = new BlockResolver(target.Device, hasher, target.Codecs);
            using var update = new DirectUpdate(context, map, resolver);
            Assert.True(update.Stage(new ZeroRun(Block, 1)));
        }

        StateFiles.BytesOf("state")!.Damage(slotOffset, new byte[512]);
        using var opened = Open();
        Assert.Equal(TargetStatus.Direct, opened.Record!.Status);
    }

    /// <summary>I11: the journal waits for its own disk; the receiver starts all the same, and a person may take the new disk in.</summary>
    [Theory]
    [InlineData(BlockCount * BlockSize)]
    [InlineData((BlockCount + 1) * BlockSize)]
    public async Task ACommittedTargetWhoseDiskWasReplacedIsFaultedAndCanBeAdopted(int lengthBytes)
    {
        using var old = new SimulatedBlockDevice(BlockCount * BlockSize) { StableId = "old" };
        Pair.Target = old;
        await Pair.RunAsync(Token);
        using (var target = Open(old))
        {
            var pending = Whole(target, target.Record!.Generation);
            target.Save(target.Record with { Status = TargetStatus.Committed, Pending = pending });
        }

        using var replaced = new SimulatedBlockDevice(lengthBytes) { StableId = "new" };
        using (var target = Open(replaced))
        {
            Assert.Equal(TargetStatus.Faulted, target.Record!.Status);
            Assert.False(replaced.Content.AsSpan().ContainsAnyExcept((byte)0), "the new disk was written");
        }

        // Once more: what was found is durable, and the next start meets it.
        using (var target = Open(replaced))
        {
            Assert.Equal(TargetStatus.Faulted, target.Record!.Status);
            target.Lease();
            target.Adopt(newSender: false, overwrite: false, copy: null);
            Assert.Equal(
                (TargetStatus.Adopted, (long)lengthBytes),
                (target.Record.Status, target.Record.LengthBytes)
            );
        }

        if (lengthBytes == old.LengthBytes)
        {
            Pair.Target = replaced;
            Assert.Equal(Plan.Compare, (await Pair.RunAsync(Token)).Plan);
            Assert.Equal(TargetStatus.Consistent, TargetRecord.Load(StateFiles)!.Status);
        }
    }
}
