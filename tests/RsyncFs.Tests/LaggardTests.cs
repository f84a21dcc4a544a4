using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Snapshots;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>One destination takes longer than several cycles of the others: it ends with the snapshot that it began with, and nobody waits (C13).</summary>
public sealed class LaggardTests
{
    private const int Slow = 2;

    private static readonly int[] All = [0, 1, Slow];
    private static readonly int[] Fast = [0, 1];
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    // More than is read at once: what is cut can be gone on with from the second piece on.
    private const int MoreBlocks = 1024;

    private FanOutScene _scene = new(All.Length) { Patience = s_patience };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhoIsSlowEndsWithItsSnapshotAndIsTrackedFromThere(bool tellsWhatWasWrittenSince)
    {
        _scene.Storage.TellsWhatWasWrittenSince = tellsWhatWasWrittenSince;
        _scene.LiveOn();
        await EndAllAsync(All);
        _scene.Rewrite(40, 20);
        var slow = Begin(All, bytesUntilStall: 100_000);
        await slow.AllButStalledAsync();
        for (var cycle = 0; cycle < 4; cycle++)
        {
            _scene.Change(20 + cycle);
            var reports = await EndAllAsync(Fast);
            Assert.All(
                reports,
                report => Assert.Equal((Plan.Tracked, 1), (report.Plan, report.ChangedBlocks))
            );
            AssertSame(Fast);
        }

        AssertEnded(await slow.GoOnAsync());
        AssertIsItsSnapshot(Slow);
        _scene.Change(30);
        Assert.All(await EndAllAsync(All), report => Assert.Equal(Plan.Tracked, report.Plan));
        AssertSame(All);
        Assert.InRange(_scene.Storage.MostCount, 3, HeldSnapshots.MaxCount);
        Assert.Equal(1, _scene.Storage.Count);
    }

    /// <summary>Where the others have nothing to do, the snapshot has another name at them.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AFirstCopyThatTakesLongIsTrackedFromItsSnapshot(bool haveOthersNothingToDo)
    {
        _scene.LiveOn();
        if (haveOthersNothingToDo)
        {
            await EndAllAsync(Fast);
        }

        var slow = Begin(All, bytesUntilStall: 100_000);
        await slow.AllButStalledAsync();
        for (var cycle = 0; cycle < 3; cycle++)
        {
            _scene.Change(20 + cycle);
            Assert.All(await EndAllAsync(Fast), report => Assert.Equal(Plan.Tracked, report.Plan));
        }

        AssertEnded(await slow.GoOnAsync());
        AssertIsItsSnapshot(Slow);
        var reports = await EndAllAsync(All);
        Assert.Equal((Plan.Tracked, 3), (reports[Slow].Plan, reports[Slow].ChangedBlocks));
        AssertSame(All);
    }

    /// <summary>Its snapshot is older than the base by now: it goes on with it, and the base stays where it serves the others.</summary>
    [Fact]
    public async Task WhoIsSlowAndCutGoesOnAndTakesTheBaseFromNobody()
    {
        _scene = new FanOutScene(All.Length, MoreBlocks) { Patience = s_patience };
        _scene.LiveOn();
        var slow = Begin(All, bytesUntilStall: 1_000_000, bytesUntilCut: 15_000_000);
        await slow.AllButStalledAsync();
        _scene.Change(100);
        await EndAllAsync(Fast);
        Assert.IsType<ConnectionException>((await slow.GoOnAsync())[Slow].Failure);
        Assert.NotNull(_scene.State.At($"{Slow}").Resume);

        _scene.Change(101);
        await EndAllAsync(Fast);
        var resumed = Begin([Slow], bytesUntilStall: 1_000_000);
        await resumed.AllButStalledAsync();
        _scene.Change(102);
        await EndAllAsync(Fast);
        AssertEnded(await resumed.GoOnAsync());
        AssertIsItsSnapshot(Slow);

        _scene.Change(103);
        var reports = await EndAllAsync(All);
        Assert.All(reports, report => Assert.Equal(Plan.Tracked, report.Plan));
        Assert.All(reports.Take(Fast.Length), report => Assert.Equal(1, report.ChangedBlocks));
        AssertSame(All);
        Assert.InRange(_scene.Storage.MostCount, 3, HeldSnapshots.MaxCount);
    }

    /// <summary>Whoever stalls, is cut or goes on, and whenever: who succeeds is what its snapshot was, and there are never more than three.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task InARandomHistoryEveryTargetIsItsSnapshot(int history)
    {
        var random = new Random(TestSeed.NewRandom().Next() + history);
        _scene.Storage.TellsWhatWasWrittenSince = history % 2 == 1;
        _scene.LiveOn();
        Slowed? behind = null;
        for (var step = 0; step < 60; step++)
        {
            for (var changes = random.Next(4); changes > 0; changes--)
            {
                _scene.Change(random.Next(FanOutScene.BlockCount - 1));
            }

            if (behind is not null && random.Next(3) == 0)
            {
                AssertEnded(
                    await (random.Next(3) == 0 ? behind.CutAsync() : behind.GoOnAsync()),
                    mayBeCut: true
                );
                behind = null;
            }

            var idle = All.Where(which => behind?.IsAtWork(which) != true && random.Next(4) > 0).ToArray();
            if (behind is null && idle.Length > 1 && random.Next(2) == 0)
            {
                behind = Begin(idle, random.Next(random.Next(2) == 0 ? 3000 : 150_000), idle[^1]);
                await behind.AllButStalledAsync();
                continue;
            }

            AssertEnded(await _scene.RunAsync(idle));
            Assert.All(idle, AssertIsItsSnapshot);
        }

        if (behind is not null)
        {
            AssertEnded(await behind.GoOnAsync());
        }

        // One that goes on with an older snapshot has this one by the run behind that.
        await EndAllAsync(All);
        await EndAllAsync(All);
        AssertSame(All);
        Assert.InRange(_scene.Storage.MostCount, 2, HeldSnapshots.MaxCount);
        Assert.Equal(1, _scene.Storage.Count);
    }

    private async Task<IReadOnlyList<CycleReport>> EndAllAsync(IReadOnlyCollection<int> destinations)
    {
        var ends = await _scene.RunAsync(destinations);
        AssertEnded(ends);
        return [.. ends.Select(end => end.Report!)];
    }

    private void AssertEnded(
        IReadOnlyList<(CycleReport? Report, Exception? Failure)> ends,
        bool mayBeCut = false
    ) =>
        Assert.All(
            ends,
            end =>
                Assert.True(
                    end.Failure is null || (mayBeCut && end.Failure is ConnectionException),
                    end.Failure?.ToString()
                )
        );

    private void AssertSame(IEnumerable<int> destinations) =>
        Assert.All(
            destinations,
            which =>
                Assert.True(_scene.Source.AsSpan().SequenceEqual(_scene.TargetOf(which)), $"{which} differs")
        );

    private void AssertIsItsSnapshot(int which) =>
        Assert.True(_scene.Wanted[which].AsSpan().SequenceEqual(_scene.TargetOf(which)), $"{which} differs");

    /// <summary>A cycle in which one stalls after so many bytes, and is cut after some more.</summary>
    private Slowed Begin(
        IReadOnlyCollection<int> destinations,
        int bytesUntilStall,
        int slow = Slow,
        int bytesUntilCut = int.MaxValue
    ) => new(_scene, destinations, bytesUntilStall, slow, bytesUntilCut);

    private sealed class Slowed
    {
        private readonly TaskCompletionSource _stalled = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _othersEnded = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        private readonly int _slow;
        private int _othersLeft;
        private readonly Task<IReadOnlyList<(CycleReport? Report, Exception? Failure)>> _work;
        private StreamPair? _wire;
        private SharedSource? _shared;

        public Slowed(
            FanOutScene scene,
            IReadOnlyCollection<int> destinations,
            int bytesUntilStall,
            int slow,
            int bytesUntilCut
        )
        {
            (_slow, _othersLeft) = (slow, destinations.Count(which => which != slow));
            if (_othersLeft == 0)
            {
                _othersEnded.SetResult();
            }

            _work = scene.RunAsync(
                destinations,
                (which, pair) => pair.Wire = wire => which == slow ? Slow(wire) : wire,
                begun: shared => _shared = shared,
                ended: which =>
                {
                    if (which != slow && Interlocked.Decrement(ref _othersLeft) == 0)
                    {
                        _othersEnded.SetResult();
                    }
                }
            );

            StreamPair Slow(StreamPair wire)
            {
                _wire = wire;
                return wire with
                {
                    Sender = new StallingStream(
                        CuttingStream.Cut(wire, isSenderCut: true, bytesUntilCut).Sender,
                        bytesUntilStall,
                        () => _stalled.TrySetResult(),
                        _goOn.Task
                    ),
                };
            }
        }

        public bool IsAtWork(int which) => which == _slow;

        /// <summary>Waits until the others have ended and the slow one stalls; then it is left behind.</summary>
        public async Task AllButStalledAsync()
        {
            await Task.WhenAny(_stalled.Task, _work).WaitAsync(TestContext.Current.CancellationToken);
            if (!_work.IsCompleted)
            {
                await _othersEnded.Task.WaitAsync(TestContext.Current.CancellationToken);
                _shared!.LeaveBehind();
            }
        }

        public Task<IReadOnlyList<(CycleReport? Report, Exception? Failure)>> GoOnAsync()
        {
            _goOn.TrySetResult();
            return _work;
        }

        public Task<IReadOnlyList<(CycleReport? Report, Exception? Failure)>> CutAsync()
        {
            _wire!.Sender.Dispose();
            _wire.Receiver.Dispose();
            return GoOnAsync();
        }
    }
}
