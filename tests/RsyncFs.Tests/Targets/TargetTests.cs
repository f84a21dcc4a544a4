using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Targets;

/// <summary>What a target believes of the files beside its state, and what it leaves alone.</summary>
public sealed class TargetTests : IDisposable
{
    private const int BlockSize = 16384;
    private const int BlockCount = 10;
    private const int Block = 3;

    private readonly SimulatedBlockDevice _device = new(BlockCount * BlockSize);
    private readonly SimulatedDurableDirectory _directory = new();
    private readonly ReplicationPair _pair;

    public TargetTests()
    {
        var content = new byte[BlockCount * BlockSize];
        new Random(1).NextBytes(content);
        _pair = new ReplicationPair(new MemoryBlockDevice(content, "source"), _device)
        {
            ReceiverState = _directory,
        };
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _device.Dispose();

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
        Assert.Equal(before, _device.Content);
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
        Assert.Equal(before, _device.Content);
        Assert.False(_directory.Exists("journal"));
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

        _device.WriteByAnother(Block * BlockSize, new byte[512]);
        using var opened = Open();
        Assert.Equal(TargetStatus.Diverged, opened.Record!.Status);
    }

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
        using var delta = InterruptedDelta.Open(target, () => Journal.TryOpen(_directory, long.MaxValue));
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
        _device.WriteByAnother(0, new byte[512]);
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

        _directory.BytesOf("state")!.Damage(slotOffset, new byte[512]);
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
            var resolver = new BlockResolver(target.Device, hasher, target.Codec);
            using var update = new DirectUpdate(context, map, resolver);
            Assert.True(update.Stage(new ZeroRun(Block, 1)));
        }

        _directory.BytesOf("state")!.Damage(slotOffset, new byte[512]);
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
        _pair.Target = old;
        await _pair.RunAsync(Token);
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
            _pair.Target = replaced;
            Assert.Equal(Plan.Compare, (await _pair.RunAsync(Token)).Plan);
            Assert.Equal(TargetStatus.Consistent, TargetRecord.Load(_directory)!.Status);
        }
    }

    /// <summary>C17: a delta that goes on has the room that it would have had in one piece.</summary>
    [Fact]
    public async Task APartialJournalCountsTowardsItsOwnLimit()
    {
        await ReplicateAsync();
        _pair.Policy = _pair.Policy with { KeepFreeBytes = 0 };
        _directory.FreeBytes = 1024 * 1024;
        using var target = Open();
        var before = target.JournalLimitBytes();
        Partial(target, target.Record!.Generation);
        Assert.True(Journal.AllocatedBytes(_directory) > 0);
        Assert.Equal(before, target.JournalLimitBytes());
    }

    private async Task<DeltaPosition> OfferedAsync(Target target)
    {
        var streams = StreamPair.Create();
        await using var connection = new Connection(
            streams.Receiver,
            TimeProvider.System,
            "sender",
            ProtocolRole.Receiver
        );
        var record = target.Record!;
        var open = new OpenTarget(
            Purpose.Replicate,
            "t",
            target.Device.LengthBytes,
            record.Volume!,
            IsNewVolume: false,
            new SourceLineage(record.Epoch, record.Generation, Guid.Empty, [])
        );
        using var session = new ReceiverSession(connection, target, open, target.Services);
        await streams.Sender.DisposeAsync();
        return session.Describe().Partial;
    }

    private async Task<byte[]> ReplicateAsync()
    {
        await _pair.RunAsync(Token);
        return _device.Content;
    }

    private Target Open() => Open(_device);

    private Target Open(SimulatedBlockDevice device) =>
        new(
            "t",
            () => device,
            _directory,
            _pair.Policy,
            new Services(new Lz4Codec(), TimeProvider.System, new SeededRandomNumbers(2))
        );

    private static BlockHasher HasherOf(Target target) =>
        new(new BlockLayout(target.Device.LengthBytes, BlockSize), target.Record!.Volume!.Hash);

    private static bool IsMapTrusted(Target target)
    {
        using var map = target.OpenTrustedMap(HasherOf(target));
        return map is not null;
    }

    private static bool HasPartial(Target target, bool willBeRead = false)
    {
        var evidence = target.Device.ReadEvidence();
        using var journal = target.OpenPartialJournal(
            target.Record!.Volume!,
            evidence,
            willBeRead,
            long.MaxValue
        );
        return journal is not null;
    }

    /// <summary>A whole journal, which writes the second page of one block.</summary>
    private static PendingGeneration Whole(Target target, Guid parent)
    {
        using var journal = Create(target, parent);
        return journal.Commit(new GenerationEnd(new Digest(1, 2), IsFuzzy: false));
    }

    private static void Partial(Target target, Guid parent)
    {
        using var journal = Create(target, parent);
        journal.Mark(1, new Digest(3, 4));
    }

    private static Journal Create(Target target, Guid parent)
    {
        var hasher = HasherOf(target);
        var journal = target.CreateJournal(
            new JournalHeader(
                Guid.NewGuid(),
                target.Record!.Volume!,
                target.Device.LengthBytes,
                parent,
                Guid.NewGuid(),
                DateTimeOffset.UnixEpoch,
                TimeProvider.System.GetUtcNow(),
                target.Device.ReadEvidence()
            ),
            long.MaxValue
        );
        var content = new byte[BlockSize];
        target.Device.Read(Block * BlockSize, content);
        var page = content.AsMemory(BlockLayout.PageSizeBytes, BlockLayout.PageSizeBytes);
        page.Span.Fill(7);
        var pageCount = hasher.Layout.PageCountOf(Block);
        var written = new PageBitmap(pageCount);
        written.Add(1);
        journal.Append(
            JournalRecord.OfBlock(
                Block,
                hasher.Compute(content),
                written,
                new PageBitmap(pageCount),
                CodecId.Raw,
                page
            )
        );
        return journal;
    }
}
