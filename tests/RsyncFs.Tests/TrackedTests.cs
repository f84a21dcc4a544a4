using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Sources;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>The plan <c>tracked</c>: only what the storage says has changed is read, and its word is put to the test.</summary>
public sealed class TrackedTests
{
    private const int BlockSize = 16384;
    private const int BlockCount = 64;
    private const int Length = (BlockCount * BlockSize) - 5632;

    private readonly byte[] _source = new byte[Length];
    private readonly byte[] _target = new byte[Length];
    private readonly SimulatedSnapshots _storage;
    private readonly ReplicationPair _pair;

    public TrackedTests()
    {
        new Random(1).NextBytes(_source);
        _storage = new SimulatedSnapshots(_source);
        _pair = new ReplicationPair(
            new MemoryBlockDevice(_source, "source"),
            new MemoryBlockDevice(_target, "target")
        )
        {
            Snapshots = _storage,
        };
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TheSecondCycleReadsWhatChangedAndASample()
    {
        Assert.Equal(Plan.Full, (await RunAsync()).Plan);
        _source[5 * BlockSize] ^= 1;
        _source[^1] ^= 1;
        var report = await RunAsync();
        Assert.Equal(Plan.Tracked, report.Plan);
        Assert.Contains("the simulated storage tells", report.PlanReason, StringComparison.Ordinal);
        Assert.Equal(2, report.ChangedBlocks);
        // The two blocks, once to find and once to ship, and at most the sample, which is of all that there are here.
        Assert.InRange(report.SourceBytesRead, 1, (BlockCount + 4) * BlockSize);
        Assert.Equal(1, _storage.Count);

        report = await RunAsync();
        Assert.Equal((Plan.Tracked, true), (report.Plan, report.IsUnchanged));
    }

    [Fact]
    public async Task WithoutItsBaseItReadsEverythingAndSaysWhy()
    {
        await RunAsync();
        _storage.RemoveAllBut([]);
        _source[5 * BlockSize] ^= 1;
        var report = await RunAsync();
        Assert.Equal(Plan.Digest, report.Plan);
        Assert.Contains("the base snapshot is not there", report.PlanReason, StringComparison.Ordinal);
        Assert.Equal(Plan.Tracked, (await RunAsync()).Plan);
    }

    [Fact]
    public async Task AskedForAndNotToBeHadItIsRefused()
    {
        await RunAsync();
        _storage.RemoveAllBut([]);
        _pair.Options = _pair.Options with { Plan = Plan.Tracked };
        var refusal = await Assert.ThrowsAsync<RefusedException>(RunAsync);
        Assert.Equal(ErrorId.PlanUnavailable, refusal.Id);
    }

    [Fact]
    public async Task AStorageThatLiesIsFoundOutAndTheNextCycleMendsIt()
    {
        await RunAsync();
        _storage.Tells = _ => false;
        // Every other block, so that the sample can not miss them all.
        for (var block = 0; block < BlockCount; block += 2)
        {
            _source[block * BlockSize] ^= 1;
        }

        var failure = await Assert.ThrowsAsync<RsyncFsException>(RunAsync);
        Assert.Equal(ErrorId.AuditFailed, failure.Id);
        Assert.Equal(Plan.Compare, (await RunAsync()).Plan);
    }

    /// <summary>Many generations of random changes: the comparison that reads both ends never finds a difference.</summary>
    [Fact]
    public async Task TrackingAndAFullCompareAgreeOnEveryGeneration()
    {
        var random = TestSeed.NewRandom();
        await RunAsync();
        for (var cycle = 0; cycle < 30; cycle++)
        {
            for (var change = random.Next(6); change > 0; change--)
            {
                var at = random.Next(Length);
                var length = Math.Min(random.Next(1, 40_000), Length - at);
                random.NextBytes(_source.AsSpan(at, length));
            }

            Assert.Equal(Plan.Tracked, (await RunAsync()).Plan);
            Assert.Equal(0, (await _pair.VerifyAsync(Token)).DifferingBlocks);
        }
    }

    private async Task<CycleReport> RunAsync()
    {
        try
        {
            var report = await _pair.RunAsync(Token);
            Assert.True(_source.AsSpan().SequenceEqual(_target), "source and target differ");
            return report;
        }
        finally
        {
            _storage.RemoveAllBut(SourceState.Load(_pair.SenderState).KeptSnapshots);
        }
    }
}
