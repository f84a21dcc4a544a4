using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Sources;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>
/// A cycle that may take so much ends in good order, both ends of it; what has arrived is not sent again; and however
/// often that happens, the target is one whole generation meanwhile, or says that it is not, and the source in the end.
/// </summary>
public sealed class LimitTests
{
    private const int BlockSize = 16 * 1024;
    private const int Length = 512 * BlockSize;
    private const int Share = Length / 4;

    private readonly byte[] _source = new byte[Length];
    private readonly byte[] _target = new byte[Length];
    private readonly ManualClock _clock = new();
    private readonly ReplicationPair _pair;
    private readonly Random _random = new(7);

    public LimitTests()
    {
        _random.NextBytes(_source);
        _pair = new ReplicationPair(
            new MemoryBlockDevice(_source, "source"),
            new MemoryBlockDevice(_target, "target")
        );
        _pair.Options = _pair.Options with { BlockSizeBytes = BlockSize };
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData(Plan.Compare)]
    [InlineData(Plan.Full)]
    public async Task AnUpdateGoesOnUntilItIsDone(Plan? plan)
    {
        await _pair.RunAsync(Token);
        var before = _target.ToArray();
        ChangeAll();
        _pair.Options = _pair.Options with { Plan = plan };
        var runs = await RepeatAsync(() =>
        {
            Assert.Equal(before, _target);
            Assert.Equal(TargetStatus.Consistent, Status);
        });
        AssertSharesOf(runs);
    }

    [Fact]
    public async Task AFirstCopyGoesOnUntilItIsDone()
    {
        // Holes and zeros are no bytes, and count as arrived all the same.
        _source.AsSpan(Length / 2, Length / 8).Clear();
        var runs = await RepeatAsync(() => Assert.Equal(TargetStatus.Initializing, Status));
        Assert.All(runs, reached => Assert.False(reached.IsTargetWhole));
        Assert.Equal(
            runs.Select(reached => reached.ArrivedBytes).Order(),
            runs.Select(reached => reached.ArrivedBytes)
        );
        AssertSharesOf(runs, Length * 7 / 8);
    }

    /// <summary>Where nothing can be gone on with, what is there is found there.</summary>
    [Fact]
    public async Task AFirstCopyWhoseSourceChangesGoesOnByComparing()
    {
        await RunLimitedAsync(Share);
        ChangeAt(Length - 1);
        var runs = await RepeatAsync(() => Assert.Equal(TargetStatus.Initializing, Status));
        Assert.InRange(runs.Count, 2, 3);
        Assert.All(runs, reached => Assert.True(reached.IsKept));
    }

    /// <summary>Little is more than nothing: who repeats it gets there.</summary>
    [Fact]
    public async Task ALimitBelowABlockSendsOneBlockInEachRun()
    {
        await _pair.RunAsync(Token);
        foreach (var block in (int[])[3, 300, 500])
        {
            _random.NextBytes(_source.AsSpan(block * BlockSize, BlockSize));
        }

        Counted();
        var arrived = new List<long>();
        while (await TryAsync(sendBytes: 0) is { } reached)
        {
            arrived.Add(reached.ArrivedBytes / BlockSize);
        }

        Assert.Equal([1, 2], arrived);
        AssertDone();
    }

    [Fact]
    public async Task WhenTheTimeIsOverWhatWasSentIsKept()
    {
        await _pair.RunAsync(Token);
        ChangeAll();
        var reached = await RunUntilAsync("transfer", Share);
        Assert.InRange(reached.ArrivedBytes, Share / 2, Length / 2);
        Assert.Equal((true, (long)Length, true), (reached.IsTime, reached.TotalBytes, reached.IsKept));
        Assert.Null(_pair.ReceiverFailure);
        var report = await GoOnAsync();
        Assert.True(report.IsResumed);
        Assert.True(report.BytesSent < Length - (reached.ArrivedBytes * 9 / 10), $"{report.BytesSent} bytes");
        AssertDone();
    }

    /// <summary>It is found out where nothing differs yet; and of what an earlier run had sent nothing is lost.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(Plan.Compare)]
    public async Task WhenTheTimeIsOverBeforeAnythingIsFoundNothingIsLost(Plan? plan)
    {
        await _pair.RunAsync(Token);
        ChangeAll();
        await RunLimitedAsync(Share);
        var point = Resume;
        Assert.NotNull(point);
        _pair.Options = _pair.Options with { Plan = plan };
        var reached = await RunUntilAsync("scan", 1);
        Assert.Equal((0L, 0L, true), (reached.TotalBytes, reached.ArrivedBytes, reached.IsKept));
        Assert.Equal(point, Resume);
        var report = await GoOnAsync();
        Assert.True(report.IsResumed);
        Assert.True(report.BytesSent < Length * 8 / 10, $"{report.BytesSent} bytes");
        AssertDone();
    }

    /// <summary>Where the sender alone reads, the receiver is told, and does not take it for a cut.</summary>
    [Fact]
    public async Task WhenTheTimeIsOverWhileTheSenderReadsTheReceiverHearsAGoodbye()
    {
        await _pair.RunAsync(Token);
        ChangeAll();
        await RunUntilAsync("scan", 1);
        Assert.Null(_pair.ReceiverFailure);
        await GoOnAsync();
        AssertDone();
    }

    [Fact]
    public async Task ATimeThatIsOverFromTheBeginSendsNothing()
    {
        var reached = await TryAsync(sendBytes: null, TimeSpan.Zero);
        Assert.Equal((true, 0L), (reached!.IsTime, reached.ArrivedBytes));
        Assert.True(reached.SentBytes < BlockSize, $"{reached.SentBytes} bytes");
        await GoOnAsync();
        AssertDone();
    }

    [Fact]
    public async Task AChangeWhileItWasSentIsSaidAndNotHidden()
    {
        await _pair.RunAsync(Token);
        ChangeAll();
        _pair.Progress = new Callback(progress =>
        {
            if (progress is { Phase: "transfer", SentBytes: > Share / 2 })
            {
                ((MemoryBlockDevice)_pair.Source).CountForeignWrite(1);
            }
        });
        _pair.Budget = new RunBudget(_clock, time: null, Share);
        var failure = await Assert.ThrowsAsync<DeviceException>(() => _pair.RunAsync(Token));
        Assert.Equal(ErrorId.SourceChanged, failure.Id);
        Assert.Null(Resume);
        await GoOnAsync();
        AssertDone();
    }

    [Fact]
    public async Task OfASourceInUseNothingIsKeptAndThatIsSaid()
    {
        await _pair.RunAsync(Token);
        ChangeAll();
        _pair.SourceIsInUse = true;
        var reached = await RunLimitedAsync(Share);
        Assert.Equal((false, true), (reached.IsKept, reached.IsTargetWhole));
        Assert.Null(_pair.ReceiverFailure);
        Assert.Null(Resume);
        _pair.SourceIsInUse = false;
        Assert.False((await GoOnAsync()).IsResumed);
        AssertDone();
    }

    /// <summary>A block that did not prove lies before what is gone on from, so it is sent whole before that is said.</summary>
    [Fact]
    public async Task ABlockThatWasRefusedComesWholeBeforeTheEnd()
    {
        await _pair.RunAsync(Token);
        var hash = SourceState.Load(_pair.SenderState).Volume!.Hash;
        var (first, second) = TrapTests.PagesWithTheSameShortHash(hash);
        first.CopyTo(_source, 3 * BlockSize);
        Counted();
        await _pair.RunAsync(Token);
        ChangeAll();
        // Beside a page that does differ, so that not all of the block is asked for.
        _target.AsSpan(3 * BlockSize, BlockSize).CopyTo(_source.AsSpan(3 * BlockSize));
        second.CopyTo(_source, 3 * BlockSize);
        _source[(4 * BlockSize) - 1] ^= 1;
        var runs = await RepeatAsync(() => { });
        AssertSharesOf(runs, resentBytes: 2 * BlockSize);
    }

    [Fact]
    public async Task TheLastBlockAloneIsLeftForAnotherRun()
    {
        await _pair.RunAsync(Token);
        ChangeAt(0);
        ChangeAt(Length - 1);
        var reached = await RunLimitedAsync(0);
        Assert.Equal(((long)BlockSize, 2L * BlockSize), (reached.ArrivedBytes, reached.TotalBytes));
        var report = await GoOnAsync();
        Assert.Equal((true, 2L), (report.IsResumed, report.ChangedBlocks));
        AssertDone();
    }

    [Fact]
    public async Task RunsThatShareABudgetHaveOneShareTogether()
    {
        var budget = new RunBudget(_clock, time: null, Share);
        _pair.Budget = budget;
        await Assert.ThrowsAsync<LimitReachedException>(() => _pair.RunAsync(Token));
        Assert.InRange(budget.LeftBytes!.Value, -BlockSize, 2 * BlockSize);
        var reached = await Assert.ThrowsAsync<LimitReachedException>(() => _pair.RunAsync(Token));
        // One block, or there would be no end to it.
        Assert.InRange(reached.SentBytes, BlockSize, 2 * BlockSize);
        await GoOnAsync();
        AssertDone();
    }

    [Fact]
    public async Task ADryRunTakesNoNotice()
    {
        await _pair.RunAsync(Token);
        ChangeAll();
        _pair.Options = _pair.Options with { Purpose = RsyncFs.Protocol.Purpose.Estimate };
        _pair.Budget = new RunBudget(_clock, TimeSpan.Zero, 0);
        var report = await _pair.RunAsync(Token);
        Assert.Equal(Length / BlockSize, report.ChangedBlocks);
    }

    private ResumePoint? Resume => SourceState.Load(_pair.SenderState).At("t").Resume;

    private TargetStatus Status => TargetRecord.Load(_pair.ReceiverState)!.Status;

    /// <summary>Runs with a share each until one run is enough for the rest; gives how the others ended.</summary>
    private async Task<List<LimitReachedException>> RepeatAsync(Action meanwhile)
    {
        var runs = new List<LimitReachedException>();
        while (await TryAsync(Share) is { } reached)
        {
            Assert.Null(_pair.ReceiverFailure);
            Assert.False(reached.IsTime);
            meanwhile();
            runs.Add(reached);
            Assert.InRange(runs.Count, 1, 8);
        }

        AssertDone();
        return runs;
    }

    /// <summary>Each run sent its share, to less than a few blocks; and there was no more of them than there had to be.</summary>
    private static void AssertSharesOf(
        List<LimitReachedException> runs,
        long contentBytes = Length,
        int resentBytes = 0
    )
    {
        Assert.All(
            runs,
            reached =>
            {
                Assert.InRange(reached.SentBytes, Share - (4 * BlockSize), Share + resentBytes);
                Assert.Equal((true, (long)Length), (reached.IsKept, reached.TotalBytes));
            }
        );
        // What is left for the last one is more than nothing, and fits a share.
        Assert.Equal((contentBytes * 102 / 100) / Share, runs.Count);
    }

    private async Task<LimitReachedException> RunLimitedAsync(long sendBytes) =>
        await TryAsync(sendBytes) ?? throw new InvalidOperationException("the run came to its end");

    private async Task<LimitReachedException?> TryAsync(long? sendBytes, TimeSpan? time = null)
    {
        _pair.Budget = new RunBudget(_clock, time, sendBytes);
        try
        {
            await _pair.RunAsync(Token);
            return null;
        }
        catch (LimitReachedException reached)
        {
            return reached;
        }
        finally
        {
            _pair.Budget = null;
        }
    }

    /// <summary>Runs; the time is over as soon as so much was sent in a phase.</summary>
    private async Task<LimitReachedException> RunUntilAsync(string phase, long sentBytes)
    {
        _pair.Progress = new Callback(progress =>
        {
            if (
                string.Equals(progress.Phase, phase, StringComparison.Ordinal)
                && progress.SentBytes >= sentBytes
            )
            {
                _clock.Advance(TimeSpan.FromHours(1));
            }
        });
        var reached = await TryAsync(sendBytes: null, TimeSpan.FromMinutes(30));
        _pair.Progress = null;
        return reached ?? throw new InvalidOperationException("the run came to its end");
    }

    private Task<CycleReport> GoOnAsync()
    {
        (_pair.Budget, _pair.Progress) = (null, null);
        return _pair.RunAsync(Token);
    }

    private void ChangeAll()
    {
        _random.NextBytes(_source);
        Counted();
    }

    private void ChangeAt(int offset)
    {
        _source[offset] ^= 1;
        Counted();
    }

    private void Counted() => ((MemoryBlockDevice)_pair.Source).CountForeignWrite(1);

    private void AssertDone()
    {
        Assert.True(_source.AsSpan().SequenceEqual(_target), "source and target differ");
        Assert.Equal(TargetStatus.Consistent, Status);
        Assert.Null(_pair.ReceiverFailure);
        Assert.Null(Resume);
        Assert.False(_pair.ReceiverState.Exists("journal"), "the journal stayed");
    }

    private sealed class Callback(Action<CycleProgress> report) : IProgress<CycleProgress>
    {
        public void Report(CycleProgress value) => report(value);
    }
}
