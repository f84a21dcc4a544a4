using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Sources;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>
/// A delta that was cut is gone on with from its last checkpoint, if source and target are what they were (C4, C17);
/// else it begins anew. Either way the target becomes the source.
/// </summary>
public sealed class ResumeTests
{
    private const int BlockSize = 16 * 1024;

    // Deltas are sent in pieces of 4 MiB, and a checkpoint comes behind a piece.
    private const int Length = 2048 * BlockSize;
    private const int CheckpointBytes = 128 * BlockSize;

    private readonly byte[] _source = RandomBytes(1);
    private readonly byte[] _target = RandomBytes(2);
    private readonly ReplicationPair _pair;
    private int _changes = 10;

    public ResumeTests()
    {
        _pair = new ReplicationPair(
            new MemoryBlockDevice(_source, "source"),
            new MemoryBlockDevice(_target, "target")
        );
        _pair.Options = _pair.Options with { BlockSizeBytes = BlockSize, CheckpointBytes = CheckpointBytes };
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AFirstCopyGoesOnFromItsWatermark()
    {
        await CutWithACheckpointAsync();
        Assert.Equal(TargetStatus.Initializing, TargetRecord.Load(_pair.ReceiverState)!.Status);
        var report = await _pair.RunAsync(Token);
        Assert.Equal((Plan.Full, true), (report.Plan, report.IsResumed));
        Assert.True(report.BytesSent < Length, $"{report.BytesSent} bytes were sent again");
        AssertDone();
    }

    /// <summary>What was there before is overwritten on purpose; of what never was whole as this volume nothing is kept.</summary>
    [Fact]
    public async Task AFirstCopyOverAnotherVolumeGoesOnFromItsWatermark()
    {
        var other = new ReplicationPair(new MemoryBlockDevice(RandomBytes(3), "other"), _pair.Target)
        {
            ReceiverState = _pair.ReceiverState,
            Options = _pair.Options,
        };
        await other.RunAsync(Token);
        // The sender has a volume of its own, from another destination.
        var elsewhere = new ReplicationPair(_pair.Source, new MemoryBlockDevice(RandomBytes(4), "elsewhere"))
        {
            SenderState = _pair.SenderState,
            Destination = "elsewhere",
            Options = _pair.Options,
        };
        await elsewhere.RunAsync(Token);
        _pair.Policy = new TargetPolicy(InitPolicy.Overwrite, () => null);
        await CutWithACheckpointAsync();
        var record = TargetRecord.Load(_pair.ReceiverState)!;
        Assert.Equal((TargetStatus.Initializing, Guid.Empty), (record.Status, record.Generation));
        var report = await _pair.RunAsync(Token);
        Assert.Equal((Plan.Full, true), (report.Plan, report.IsResumed));
        AssertDone();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Plan.Compare)]
    [InlineData(Plan.Full)]
    public async Task AnUpdateGoesOnFromItsJournal(Plan? plan)
    {
        await _pair.RunAsync(Token);
        var before = _target.ToArray();
        ChangeAll();
        _pair.Options = _pair.Options with { Plan = plan };
        await CutWithACheckpointAsync();
        Assert.Equal(before, _target);
        var report = await _pair.RunAsync(Token);
        Assert.True(report.IsResumed);
        Assert.True(report.BytesSent < Length, $"{report.BytesSent} bytes were sent again");
        AssertDone();
    }

    [Fact]
    public async Task ADeltaThatIsCutAgainGoesOnAgain()
    {
        await _pair.RunAsync(Token);
        ChangeAll();
        // Each run gets a little further than the one before; only the last gets all the way.
        await CutWithACheckpointAsync(Length / 3);
        await CutAsync(Length / 3);
        var report = await _pair.RunAsync(Token);
        Assert.True(report.IsResumed);
        Assert.True(report.BytesSent < Length, $"{report.BytesSent} bytes were sent again");
        AssertDone();
    }

    [Fact]
    public async Task AChangedSourceBeginsAnew()
    {
        await _pair.RunAsync(Token);
        ChangeAll();
        await CutWithACheckpointAsync();
        _source[5] ^= 1;
        ((MemoryBlockDevice)_pair.Source).CountForeignWrite(1);
        Assert.False((await _pair.RunAsync(Token)).IsResumed);
        AssertDone();
    }

    [Fact]
    public async Task AChangedSourceOfAFirstCopyIsComparedAndSkipsNothing()
    {
        await CutWithACheckpointAsync();
        _source[5] ^= 1;
        ((MemoryBlockDevice)_pair.Source).CountForeignWrite(1);
        var report = await _pair.RunAsync(Token);
        Assert.Equal((Plan.Compare, false), (report.Plan, report.IsResumed));
        AssertDone();
    }

    /// <summary>A watermark is of the device as it was flushed; what somebody else wrote below it must be found.</summary>
    [Fact]
    public async Task AForeignWriteBelowTheWatermarkIsNoSuccess()
    {
        await CutWithACheckpointAsync();
        _target[7] ^= 1;
        var failure = await Assert.ThrowsAsync<RefusedException>(() => _pair.RunAsync(Token));
        Assert.Equal(ErrorId.RootMismatch, failure.Id);
        await _pair.RunAsync(Token);
        AssertDone();
    }

    [Fact]
    public async Task AForeignWriteBesideAJournalIsFound()
    {
        await _pair.RunAsync(Token);
        ChangeAll();
        await CutWithACheckpointAsync();
        // In the middle, where nobody looks by chance.
        _target[Length / 2] ^= 1;
        ((MemoryBlockDevice)_pair.Target).CountForeignWrite(1);
        var failure = await Assert.ThrowsAsync<RefusedException>(() => _pair.RunAsync(Token));
        Assert.Equal(ErrorId.TargetDiverged, failure.Id);
        await _pair.RunAsync(Token);
        AssertDone();
    }

    [Fact]
    public async Task ALostJournalBeginsAnew()
    {
        await _pair.RunAsync(Token);
        ChangeAll();
        await CutWithACheckpointAsync();
        _pair.ReceiverState.Delete("journal");
        Assert.False((await _pair.RunAsync(Token)).IsResumed);
        AssertDone();
    }

    [Fact]
    public async Task AJournalThatRottedGoesOnFromWhatIsLeftOrBeginsAnew()
    {
        await _pair.RunAsync(Token);
        ChangeAll();
        await CutWithACheckpointAsync();
        using (var journal = _pair.ReceiverState.Open("journal"))
        {
            journal.Write(journal.LengthBytes / 2, new byte[4096]);
        }

        await _pair.RunAsync(Token);
        AssertDone();
    }

    [Fact]
    public async Task AReceiverWhoseLastWordWasLostIsAheadAndGoesBack()
    {
        await _pair.RunAsync(Token);
        ChangeAll();
        var answered = (await _pair.RunAsync(Token)).BytesReceived;
        ChangeAll();
        // The last words of the receiver are lost: its checkpoints are durable, and the sender knows of fewer.
        await CutAsync(answered - 250, isSenderCut: false);
        await _pair.RunAsync(Token);
        AssertDone();
    }

    /// <summary>The sender was restored from an old backup and remembers a checkpoint of a delta that is long applied.</summary>
    [Fact]
    public async Task AnOldCheckpointIsOfNoUse()
    {
        await _pair.RunAsync(Token);
        ChangeAll();
        await CutWithACheckpointAsync();
        var point = SourceState.Load(_pair.SenderState).At("t").Resume;
        Assert.NotNull(point);
        await _pair.RunAsync(Token);
        ChangeAll();
        SourceState.Load(_pair.SenderState).At("t").RememberResume(point);
        Assert.False((await _pair.RunAsync(Token)).IsResumed);
        AssertDone();
    }

    private bool HasPoint => SourceState.Load(_pair.SenderState).At("t").Resume is not null;

    /// <summary>Cuts as often as it takes until one answer to a checkpoint had arrived: what was sent may wait at the receiver.</summary>
    private async Task CutWithACheckpointAsync(long afterBytes = Length * 3 / 4)
    {
        do
        {
            await CutAsync(afterBytes);
        } while (!HasPoint);
    }

    private void ChangeAll()
    {
        new Random(++_changes).NextBytes(_source.AsSpan(BlockSize, Length - (2 * BlockSize)));
        ((MemoryBlockDevice)_pair.Source).CountForeignWrite(1);
    }

    private async Task CutAsync(long afterBytes, bool isSenderCut = true)
    {
        _pair.Wire = wire => CuttingStream.Cut(wire, isSenderCut, afterBytes);
        await Assert.ThrowsAsync<ConnectionException>(() => _pair.RunAsync(Token));
        _pair.Wire = wire => wire;
    }

    private void AssertDone()
    {
        Assert.True(_source.AsSpan().SequenceEqual(_target), "source and target differ");
        Assert.Equal(TargetStatus.Consistent, TargetRecord.Load(_pair.ReceiverState)!.Status);
        Assert.Null(_pair.ReceiverFailure);
        Assert.False(_pair.ReceiverState.Exists("journal"), "the journal stayed");
    }

    private static byte[] RandomBytes(int seed)
    {
        var bytes = new byte[Length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
