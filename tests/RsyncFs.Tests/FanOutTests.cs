using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Snapshots;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>Several destinations of one source at the same time: one snapshot, one read, one hash; each with its own plan and fate.</summary>
public sealed class FanOutTests
{
    private static readonly int[] All = [0, 1, 2];

    private readonly FanOutScene _scene = new(All.Length);

    [Fact]
    public async Task AFirstCopyToSeveralIsOneSnapshotOneReadAndOneGeneration()
    {
        var reports = await RunAsync(All);
        Assert.Equal(1, _scene.Storage.Taken);
        Assert.Equal(FanOutScene.Length, reports.Sum(report => report.SourceBytesRead));
        Assert.All(
            reports,
            report => Assert.Equal(FanOutScene.Length, report.SourceBytesRead + report.SourceBytesShared)
        );
        Assert.Single(reports.Select(report => report.Generation).Distinct());
        Assert.Single(All.Select(which => _scene.RecordOf(which).Volume).Distinct());
        AssertSame(All);
    }

    [Fact]
    public async Task WhatChangedIsReadOnceForAllAndAllAreTracked()
    {
        await RunAsync(All);
        foreach (var block in new[] { 10, 11, 200 })
        {
            _scene.Change(block);
        }

        var reports = await RunAsync(All);
        Assert.Equal(2, _scene.Storage.Taken);
        Assert.All(reports, report => Assert.Equal((Plan.Tracked, 3), (report.Plan, report.ChangedBlocks)));
        Assert.Contains(reports, report => report.SourceBytesShared > 0);
        Assert.Single(reports.Select(report => report.Generation).Distinct());
        AssertSame(All);
    }

    [Fact]
    public async Task ByDigestsAndByComparingEachByteIsReadOnce()
    {
        _scene.Storage.KeepsBase = false;
        await RunAsync(All);
        foreach (var plan in new[] { Plan.Digest, Plan.Compare })
        {
            var reports = await RunAsync(All, (_, pair) => pair.Options = pair.Options with { Plan = plan });
            Assert.All(reports, report => Assert.Equal(plan, report.Plan));
            Assert.Equal(FanOutScene.Length, reports.Sum(report => report.SourceBytesRead));
        }
    }

    /// <summary>One has nothing yet, one was served by itself and is ahead of the third: each gets what it lacks.</summary>
    [Fact]
    public async Task EachHasItsOwnPlan()
    {
        await RunAsync([0, 1]);
        _scene.Change(10);
        await RunAsync([1]);
        _scene.Change(20);
        var reports = await RunAsync(All);
        Assert.Equal([Plan.Tracked, Plan.Tracked, Plan.Full], reports.Select(report => report.Plan));
        Assert.Equal([2, 1], reports.Take(2).Select(report => report.ChangedBlocks));
        AssertSame(All);
        _scene.Change(30);
        reports = await RunAsync(All);
        Assert.All(reports, report => Assert.Equal((Plan.Tracked, 1), (report.Plan, report.ChangedBlocks)));
    }

    [Fact]
    public async Task ADestinationThatIsCutFailsAlone()
    {
        await RunAsync(All);
        _scene.Change(10);
        var ends = await _scene.RunAsync(
            All,
            (which, pair) => pair.Wire = wire => which == 1 ? CuttingStream.Cut(wire, true, 300) : wire
        );
        Assert.Equal([null, typeof(ConnectionException), null], ends.Select(end => end.Failure?.GetType()));
        AssertSame([0, 2]);
        _scene.Change(20);
        var reports = await RunAsync(All);
        Assert.Equal([Plan.Tracked, Plan.Tracked], [reports[0].Plan, reports[2].Plan]);
        Assert.Equal([1, 2, 1], reports.Select(report => report.ChangedBlocks));
        AssertSame(All);
    }

    public static TheoryData<Exception> Failures() =>
        [
            new DeviceException(ErrorId.SnapshotCreate, "there is no room"),
            // A hook that was ended with the run, say: it must not be begun again for each destination.
            new OperationCanceledException("ended"),
        ];

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task ASnapshotThatCanNotBeHadIsTriedOnceAndAllAreTold(Exception failure)
    {
        var tries = 0;
        var failing = new TestSource(
            _scene.Storage,
            () =>
            {
                Interlocked.Increment(ref tries);
                throw failure;
            }
        );
        var ends = await _scene.RunAsync(All, source: failing);
        Assert.All(ends, end => Assert.Same(failure, end.Failure));
        Assert.Equal(1, tries);
    }

    /// <summary>What is written while it is read is not the same for everybody: nothing of it is shared, and no name either.</summary>
    [Fact]
    public async Task OfASourceThatIsInUseNothingIsShared()
    {
        var device = new MemoryBlockDevice(_scene.Source, "source");
        var ends = await _scene.RunAsync(
            All,
            source: new StandingSource(device, TimeProvider.System, isInUse: true)
        );
        Assert.All(ends, end => Assert.Equal(0, end.Report!.SourceBytesShared));
        Assert.Equal(All.Length, ends.Select(end => end.Report!.Generation).Distinct().Count());
    }

    /// <summary>Whatever changes, whoever takes part and whoever is cut: who succeeds has the snapshot, and none is kept for nothing.</summary>
    [Fact]
    public async Task WhateverHappensWhoSucceedsHasTheSnapshot()
    {
        var random = TestSeed.NewRandom();
        for (var cycle = 0; cycle < 60; cycle++)
        {
            for (var changes = random.Next(6); changes > 0; changes--)
            {
                _scene.Change(random.Next(FanOutScene.BlockCount - 1));
            }

            var taking = All.Where(_ => random.Next(4) > 0).ToList();
            var cuts = All.ToDictionary(which => which, _ => random.Next(4) == 0 ? random.Next(100_000) : -1);
            var before = _scene.Source.ToArray();
            var resumed = All.ToDictionary(
                which => which,
                which => _scene.State.At($"{which}").Resume is not null
            );
            var ends = await _scene.RunAsync(
                taking,
                (which, pair) =>
                    pair.Wire = wire =>
                        cuts[which] >= 0 ? CuttingStream.Cut(wire, cuts[which] % 2 == 0, cuts[which]) : wire
            );
            foreach (var (which, end) in taking.Zip(ends))
            {
                Assert.True(end.Failure is null or ConnectionException, end.Failure?.ToString());
                if (end.Report is not null && !resumed[which])
                {
                    Assert.True(
                        before.AsSpan().SequenceEqual(_scene.TargetOf(which)),
                        $"cycle {cycle}, {which}"
                    );
                }
            }
        }

        // One that is resumed has an older snapshot; the run behind it has this one.
        await RunAsync(All);
        await RunAsync(All);
        AssertSame(All);
        Assert.InRange(_scene.Storage.Count, 1, 2);
    }

    private async Task<IReadOnlyList<CycleReport>> RunAsync(
        IReadOnlyCollection<int> destinations,
        Action<int, ReplicationPair>? prepare = null
    )
    {
        var ends = await _scene.RunAsync(destinations, prepare);
        Assert.All(ends, end => Assert.True(end.Failure is null, end.Failure?.ToString()));
        return [.. ends.Select(end => end.Report!)];
    }

    private void AssertSame(IEnumerable<int> destinations) =>
        Assert.All(
            destinations,
            which =>
                Assert.True(_scene.Source.AsSpan().SequenceEqual(_scene.TargetOf(which)), $"{which} differs")
        );

    private sealed class TestSource(ISnapshotProvider inner, Func<ISnapshot> take) : SourceView(inner)
    {
        public override ISnapshot Take() => take();
    }
}
