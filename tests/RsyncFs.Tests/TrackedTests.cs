using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Snapshots;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>The plan <c>tracked</c>: only what the storage says has changed is read, and its word is put to the test.</summary>
public sealed class TrackedTests : TrackedScene
{
    private const int BlockSize = 16384;
    private const int BlockCount = 64;
    private const int Length = (BlockCount * BlockSize) - 5632;

    public TrackedTests()
        : base(Length, BlockSize) { }

    [Fact]
    public async Task TheSecondCycleReadsWhatChangedAndASample()
    {
        Assert.Equal(Plan.Full, (await RunAsync()).Plan);
        Source[5 * BlockSize] ^= 1;
        Source[^1] ^= 1;
        var report = await RunAsync();
        Assert.Equal(Plan.Tracked, report.Plan);
        Assert.Contains("the simulated storage tells", report.PlanReason, StringComparison.Ordinal);
        Assert.Equal(2, report.ChangedBlocks);
        // The two blocks, once to find and once to ship, and at most the sample, which is of all that there are here.
        Assert.InRange(report.SourceBytesRead, 1, (BlockCount + 4) * BlockSize);
        Assert.Equal(1, Storage.Count);

        report = await RunAsync();
        Assert.Equal((Plan.Tracked, true), (report.Plan, report.IsUnchanged));
    }

    [Fact]
    public async Task WithoutItsBaseItReadsEverythingAndSaysWhy()
    {
        await RunAsync();
        Storage.RemoveAllBut([]);
        Source[5 * BlockSize] ^= 1;
        var report = await RunAsync();
        Assert.Equal(Plan.Digest, report.Plan);
        Assert.Contains("the base snapshot is not there", report.PlanReason, StringComparison.Ordinal);
        Assert.Equal(Plan.Tracked, (await RunAsync()).Plan);
    }

    /// <summary>C20: a base can be done without, and then the one that was kept goes, too.</summary>
    [Fact]
    public async Task WhereNoBaseIsToBeKeptTheKnownOneIsGivenUp()
    {
        await RunAsync();
        await RunAsync();
        Assert.Equal(1, Storage.Count);
        Storage.KeepsBase = false;
        Source[5 * BlockSize] ^= 1;
        var report = await RunAsync();
        Assert.Equal((Plan.Digest, 0), (report.Plan, Storage.Count));
        Storage.KeepsBase = true;
        Assert.Equal(Plan.Digest, (await RunAsync()).Plan);
        Assert.Equal(Plan.Tracked, (await RunAsync()).Plan);
    }

    [Fact]
    public async Task AskedForAndNotToBeHadItIsRefused()
    {
        await RunAsync();
        Storage.RemoveAllBut([]);
        Pair.Options = Pair.Options with { Plan = Plan.Tracked };
        var refusal = await Assert.ThrowsAsync<RefusedException>(RunAsync);
        Assert.Equal(ErrorId.PlanUnavailable, refusal.Id);
    }

    [Fact]
    public async Task AStorageThatLiesIsFoundOutAndTheNextCycleMendsIt()
    {
        await RunAsync();
        Storage.Tells = _ => false;
        // Every other block, so that the sample can not miss them all.
        for (var block = 0; block < BlockCount; block += 2)
        {
            Source[block * BlockSize] ^= 1;
        }

        var failure = await Assert.ThrowsAsync<RsyncFsException>(RunAsync);
        Assert.Equal(ErrorId.ChangesIncomplete, failure.Id);
        Assert.Equal(Plan.Compare, (await RunAsync()).Plan);
    }

    /// <summary>The base is at hand: pages are compared here, and nobody is asked for their hashes.</summary>
    [Fact]
    public async Task OnlyThePagesThatDifferFromTheBaseTravelWithoutAQuestion()
    {
        Pair.Options = Pair.Options with { Compression = Compression.None };
        await RunAsync();
        Source[(5 * BlockSize) + 4096] ^= 1;
        Source[(9 * BlockSize) + 1] ^= 1;
        Source.AsSpan(20 * BlockSize, 4096).Clear();
        var report = await RunAsync();
        Assert.Equal((Plan.Tracked, 3), (report.Plan, report.ChangedBlocks));
        Assert.Equal((2 * 4096, 4096), (report.LiteralBytes, report.ZeroedBytes));
        // The source: what was told, what is shipped and its base, and the sample. The target: a MiB at either end, the
        // same sample, and what is shipped, once, to prove it. Asked for page hashes it would read that twice.
        var expected = (2 * Length) + report.SourceBytesRead - (6 * BlockSize);
        Assert.Equal(expected, report.TargetBytesRead);
    }

    /// <summary>C20: whole blocks travel then, and the copy is as good.</summary>
    [Fact]
    public async Task ABaseThatRunsFullMeanwhileOnlyCostsBytes()
    {
        Pair.Options = Pair.Options with { Compression = Compression.None };
        await RunAsync();
        Storage.FailReadsOfReopened = true;
        Source[5 * BlockSize] ^= 1;
        var report = await RunAsync();
        Assert.Equal((Plan.Tracked, (long)BlockSize), (report.Plan, report.LiteralBytes));
    }

    /// <summary>C12: what is refused though it was made of the base shows that the target is not what its map says.</summary>
    [Fact]
    public async Task ATargetThatDiffersFromTheBaseIsDivergedAndThenCompared()
    {
        // In the middle of a larger device: at its ends the receiver looks in each session.
        const int Middle = 128 * BlockSize;
        var source = new byte[256 * BlockSize];
        var target = new byte[256 * BlockSize];
        new Random(2).NextBytes(source);
        var pair = new ReplicationPair(
            new MemoryBlockDevice(source, "source"),
            new MemoryBlockDevice(target, "target")
        )
        {
            Snapshots = new SimulatedSnapshots(source),
        };
        await pair.RunAsync(Token);
        source[Middle] ^= 1;
        target[Middle + 9000] ^= 1;
        var failure = await Assert.ThrowsAnyAsync<RsyncFsException>(() => pair.RunAsync(Token));
        Assert.Equal(ErrorId.TargetDiverged, failure.Id);
        Assert.Equal(Plan.Compare, (await pair.RunAsync(Token)).Plan);
        Assert.True(source.AsSpan().SequenceEqual(target), "source and target differ");
    }

    /// <summary>C6: the generation happened, and its snapshot is known by what was proposed.</summary>
    [Fact]
    public async Task AGenerationWhoseAcknowledgementWasLostIsABaseAsWell()
    {
        await RunAsync();
        Source[5 * BlockSize] ^= 1;
        await LastWord.LoseAsync(
            async wire =>
            {
                Pair.Wire = wire;
                try
                {
                    await Pair.RunAsync(Token);
                }
                finally
                {
                    Sweep();
                    Assert.InRange(Storage.Count, 1, 2);
                }
            },
            () => Generation,
            () => Source[5 * BlockSize] ^= 1
        );
        Pair.Wire = wire => wire;
        Source[6 * BlockSize] ^= 1;
        var report = await RunAsync();
        Assert.Equal((Plan.Tracked, 1), (report.Plan, report.ChangedBlocks));
    }

    [Fact]
    public async Task AListFromOutsideIsAsGoodAndIsAudited()
    {
        var generation = (await RunAsync()).Generation;
        Source[5 * BlockSize] ^= 1;
        Pair.Options = Pair.Options with { Changes = List(generation, 5 * BlockSize, 1) };
        var report = await RunAsync();
        Assert.Equal((Plan.Tracked, 1), (report.Plan, report.ChangedBlocks));
        Assert.Contains("the change list list.txt", report.PlanReason, StringComparison.Ordinal);

        // Of another generation it is of no use, and that is said.
        report = await RunAsync();
        Assert.Equal(Plan.Digest, report.Plan);
        Assert.Contains(
            "the change list starts from generation",
            report.PlanReason,
            StringComparison.Ordinal
        );

        for (var block = 0; block < BlockCount; block += 2)
        {
            Source[block * BlockSize] ^= 1;
        }

        Pair.Options = Pair.Options with { Changes = List(report.Generation, 5 * BlockSize, 1) };
        var failure = await Assert.ThrowsAsync<RsyncFsException>(RunAsync);
        Assert.Equal(ErrorId.ChangesIncomplete, failure.Id);
        Assert.Equal(Plan.Compare, (await RunAsync()).Plan);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("1 2\n", "x:1")]
    [InlineData("generation 0\n", "x:1")]
    [InlineData("generation 0123456789abcdef0123456789abcdef\n# all\n\n1 0\n", "x:4")]
    [InlineData("generation 0123456789abcdef0123456789abcdef\n-1 5\n", "x:2")]
    [InlineData("generation 0123456789abcdef0123456789abcdef\n9223372036854775807 1\n", "x:2")]
    [InlineData("generation 0123456789abcdef0123456789abcdef\n1 2 3\n", "x:2")]
    public void AListThatIsNoneIsRefusedWithItsLine(string text, string where)
    {
        var refusal = Assert.Throws<RefusedException>(() => ChangeList.Read("x", new StringReader(text)));
        Assert.Equal((ErrorId.Usage, where.Length == 0 ? "x" : where), (refusal.Id, refusal.Where));
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
                random.NextBytes(Source.AsSpan(at, length));
            }

            Assert.Equal(Plan.Tracked, (await RunAsync()).Plan);
            Assert.Equal(0, (await Pair.VerifyAsync(Token)).DifferingBlocks);
        }
    }

    private static ChangeList List(Guid generation, long offset, long length) =>
        ChangeList.Read(
            "list.txt",
            new StringReader($"generation {generation:N}\n{offset} {length} # one\n")
        );
}
