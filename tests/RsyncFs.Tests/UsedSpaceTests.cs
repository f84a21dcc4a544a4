using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.FileSystems;
using RsyncFs.Snapshots;
using RsyncFs.Sources;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>C7: with <c>--used-only</c> a generation is the source with zeros in its free space, whoever reads it.</summary>
public sealed class UsedSpaceTests
{
    private const int BlockSize = 16384;
    private const int BlockCount = 64;
    private const int Length = (BlockCount * BlockSize) - 5632;

    private readonly Random _random = TestSeed.NewRandom();
    private readonly byte[] _source = new byte[Length];
    private readonly byte[] _target = new byte[Length];
    private readonly List<string> _warnings = [];
    private readonly Dictionary<string, IReadOnlyList<Extent>> _freeOf = new(StringComparer.Ordinal);
    private readonly SimulatedSnapshots _storage;
    private IReadOnlyList<Extent> _free = [];

    public UsedSpaceTests()
    {
        _random.NextBytes(_source);
        _storage = new SimulatedSnapshots(_source);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void ADeviceReadsAsZerosWhereItIsFreeAndNamesWhatIsUsed()
    {
        for (var round = 0; round < 200; round++)
        {
            _free = RandomExtents();
            using var device = new UsedSpaceDevice(new MemoryBlockDevice(_source, "source"), _free);
            var expected = Expected();
            var from = _random.Next(Length);
            var read = new byte[_random.Next(Length - from)];
            device.Read(from, read);
            Assert.True(read.AsSpan().SequenceEqual(expected.AsSpan(from, read.Length)));

            for (var at = 0L; at < Length; )
            {
                var data = device.NextData(at);
                var hole = expected.AsSpan((int)at, (int)(data.OffsetBytes - at));
                Assert.True(hole.IndexOfAnyExcept((byte)0) < 0, "what is used is called a hole");
                Assert.True(data.EndBytes > at);
                at = data.EndBytes;
            }
        }
    }

    [Fact]
    public void TwoFreeMapsDifferWhereOneOfThemIsFree()
    {
        for (var round = 0; round < 200; round++)
        {
            var (one, other) = (RandomExtents(), RandomExtents());
            var differing = UsedSpaceSource.Differing(one, other).ToList();
            for (var sample = 0; sample < 100; sample++)
            {
                var at = _random.Next(Length);
                Assert.Equal(Covers(one, at) != Covers(other, at), Covers(differing, at));
            }
        }
    }

    /// <summary>What becomes free, or ceases to be, is written by nobody; the comparison that reads both ends is the judge.</summary>
    [Fact]
    public async Task EveryGenerationIsTheSourceWithZerosInItsFreeSpace()
    {
        var pair = Pair(usedOnly: true);
        for (var cycle = 0; cycle < 30; cycle++)
        {
            if (_random.Next(3) > 0)
            {
                _free = RandomExtents();
            }

            for (var change = _random.Next(4); change > 0; change--)
            {
                var at = _random.Next(Length);
                _random.NextBytes(_source.AsSpan(at, Math.Min(_random.Next(1, 40_000), Length - at)));
            }

            var report = await RunAsync(pair, Expected());
            Assert.Equal(cycle == 0 ? Plan.Full : Plan.Tracked, report.Plan);
            Assert.Equal(_free.Sum(extent => extent.LengthBytes), report.FreeBytes);
            Assert.Equal(0, (await pair.VerifyAsync(Token)).DifferingBlocks);
        }
    }

    /// <summary>A base is of one way of reading.</summary>
    [Fact]
    public async Task TheOptionCanBeGivenAndLeftOutAtAnyTime()
    {
        var senderState = new SimulatedDurableDirectory();
        var receiverState = new SimulatedDurableDirectory();
        var target = new MemoryBlockDevice(_target, "target");
        var usedOnly = false;
        for (var cycle = 0; cycle < 12; cycle++)
        {
            var wasUsedOnly = usedOnly;
            usedOnly = cycle == 0 || _random.Next(2) > 0;
            _free = RandomExtents();
            var pair = new ReplicationPair(new MemoryBlockDevice(_source, "source"), target)
            {
                Snapshots = Provider(usedOnly),
                SenderState = senderState,
                ReceiverState = receiverState,
            };
            var report = await RunAsync(pair, usedOnly ? Expected() : _source);
            var expected =
                cycle == 0 ? Plan.Full
                : usedOnly == wasUsedOnly ? Plan.Tracked
                : Plan.Digest;
            Assert.Equal(expected, report.Plan);
        }
    }

    [Fact]
    public async Task WhereTheFileSystemIsInDoubtAllIsCopiedAndItIsSaid()
    {
        var provider = new UsedSpaceSource(
            _storage,
            _ => FreeSpaceMap.Doubted("ext4", "its journal is not clean"),
            _warnings.Add
        );
        var pair = new ReplicationPair(
            new MemoryBlockDevice(_source, "source"),
            new MemoryBlockDevice(_target, "target")
        )
        {
            Snapshots = provider,
        };
        await RunAsync(pair, _source);
        Assert.Contains("its journal is not clean", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AChangeListIsOfNoUseAndThatIsSaid()
    {
        var pair = Pair(usedOnly: true);
        var generation = (await RunAsync(pair, Expected())).Generation;
        pair.Options = pair.Options with
        {
            Changes = ChangeList.Read("list", new StringReader($"generation {generation:N}\n0 1\n")),
        };
        _free = RandomExtents();
        var report = await RunAsync(pair, Expected());
        Assert.Equal(Plan.Digest, report.Plan);
        Assert.Contains("what became free is in no list", report.PlanReason, StringComparison.Ordinal);
    }

    private static bool Covers(IReadOnlyList<Extent> extents, long at) =>
        extents.Any(extent => extent.OffsetBytes <= at && at < extent.EndBytes);

    private ISnapshotProvider Provider(bool usedOnly) =>
        usedOnly ? new UsedSpaceSource(_storage, FindFree, _warnings.Add) : _storage;

    /// <summary>A snapshot keeps the free space that the source had.</summary>
    private FreeSpaceMap FindFree(IBlockDevice snapshot)
    {
        _freeOf.TryAdd(snapshot.Name, _free);
        return FreeSpaceMap.Known("test", _freeOf[snapshot.Name]);
    }

    private ReplicationPair Pair(bool usedOnly) =>
        new(new MemoryBlockDevice(_source, "source"), new MemoryBlockDevice(_target, "target"))
        {
            Snapshots = Provider(usedOnly),
        };

    private byte[] Expected()
    {
        byte[] expected = [.. _source];
        foreach (var extent in _free)
        {
            expected.AsSpan((int)extent.OffsetBytes, (int)extent.LengthBytes).Clear();
        }

        return expected;
    }

    private List<Extent> RandomExtents()
    {
        var extents = new List<Extent>();
        for (var at = _random.Next(60_000); at < Length; )
        {
            var length = Math.Min(Length - at, _random.Next(1, 200_000));
            extents.Add(new Extent(at, length));
            at += length + _random.Next(1, 200_000);
        }

        return extents;
    }

    private async Task<CycleReport> RunAsync(ReplicationPair pair, byte[] expected)
    {
        try
        {
            var report = await pair.RunAsync(Token);
            Assert.True(expected.AsSpan().SequenceEqual(_target), "the target is something else");
            return report;
        }
        finally
        {
            pair.Snapshots!.RemoveAllBut(SourceState.Load(pair.SenderState).KeptSnapshots);
        }
    }
}
