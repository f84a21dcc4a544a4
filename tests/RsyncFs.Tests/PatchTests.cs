using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>Patches: with the base at hand, a small edit travels as what it wrote, and not as its page.</summary>
public sealed class PatchTests : TrackedScene
{
    private const int BlockSize = 65536;
    private const int BlockCount = 80;
    private const int PageSize = BlockLayout.PageSizeBytes;

    // A checkpoint is acknowledged before the delta is ended: only a cut in the last words leaves one for certain.
    private const int LastWordsBytes = 300;

    private const int Length = (BlockCount * BlockSize) - 5632;

    public PatchTests()
        : base(Length, BlockSize) { }

    [Fact]
    public async Task ASmallEditTravelsAsWhatItWrote()
    {
        await RunAsync();
        // One in each of 100 pages, the device's last and short one among them; and two whole blocks full of edits.
        for (var edit = 0; edit < 99; edit++)
        {
            Edit(edit * 6 * PageSize);
        }

        Edit(Length - 50);
        for (var at = 38 * BlockSize; at < 39 * BlockSize; at += 500)
        {
            Edit(at);
        }

        var report = await RunAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{report.PatchedBytes} bytes of pages as {report.PatchedStoredBytes}, {report.BytesSent} sent"
        );
        Assert.Equal((Plan.Tracked, 0L), (report.Plan, report.LiteralBytes));
        Assert.InRange(report.PatchedBytes, 110 * PageSize, 120 * PageSize);
        Assert.InRange(report.PatchedStoredBytes, 1, report.PatchedBytes / 50);
        Assert.InRange(report.BytesSent, 1, report.PatchedBytes / 25);
        Assert.Equal(report.PatchedBytes, report.ChangedBytes);
    }

    /// <summary>What is new is no edit: it goes as it is.</summary>
    [Fact]
    public async Task WhatIsAllNewIsNoPatch()
    {
        await RunAsync();
        new Random(2).NextBytes(Source.AsSpan(3 * BlockSize, 2 * BlockSize));
        var report = await RunAsync();
        Assert.Equal((2L * BlockSize, 0L), (report.LiteralBytes, report.PatchedBytes));
    }

    [Fact]
    public async Task WithoutCompressionThereAreNone()
    {
        Pair.Options = Pair.Options with { Compression = Compression.None };
        await RunAsync();
        Edit(5 * BlockSize);
        var report = await RunAsync();
        Assert.Equal((Plan.Tracked, PageSize, 0L), (report.Plan, report.LiteralBytes, report.PatchedBytes));
    }

    /// <summary>C6: where only the digests are known, nobody knows what the target has.</summary>
    [Fact]
    public async Task WithoutTheBaseThereAreNone()
    {
        await RunAsync();
        Storage.RemoveAllBut([]);
        Edit(5 * BlockSize);
        var report = await RunAsync();
        Assert.Equal((Plan.Digest, PageSize, 0L), (report.Plan, report.LiteralBytes, report.PatchedBytes));
    }

    /// <summary>C8: in place what a patch is made of may be written already.</summary>
    [Fact]
    public async Task InPlaceThereAreNone()
    {
        await RunAsync();
        Pair.Policy = Pair.Policy with { JournalLimitBytes = 8192, OversizedMode = ApplyMode.Direct };
        Edit(5 * BlockSize);
        Edit(9 * BlockSize);
        var overflow = await Assert.ThrowsAnyAsync<RsyncFsException>(() => Pair.RunAsync(Token));
        Assert.Equal(ErrorId.JournalFull, overflow.Id);
        var report = await RunAsync();
        Assert.Equal(ApplyMode.Direct, report.ApplyMode);
        Assert.Equal((2L * PageSize, 0L), (report.LiteralBytes, report.PatchedBytes));
    }

    /// <summary>C12: a patch of a base that is not what the target has does not prove; the block comes whole.</summary>
    [Fact]
    public async Task APatchOfAnotherBaseIsRefusedAndTheBlockComesWhole()
    {
        await RunAsync();
        Edit(5 * BlockSize);
        Edit((5 * BlockSize) + 300);
        Edit(9 * BlockSize);
        // What the target does not have: the patch refers to it.
        Storage.SpoilKept((5 * BlockSize) + 300, 8);
        var report = await RunAsync();
        Assert.Equal(Plan.Tracked, report.Plan);
        Assert.Equal((BlockSize, 2L * PageSize), (report.LiteralBytes, report.PatchedBytes));
    }

    /// <summary>C12: of a block of which every page changed as well: it is not the sender who is wrong.</summary>
    [Fact]
    public async Task APatchOfAWholeBlockThatDoesNotProveComesWhole()
    {
        await RunAsync();
        for (var page = 0; page < 16; page++)
        {
            Edit((5 * BlockSize) + (page * PageSize));
        }

        Edit((5 * BlockSize) + 300);
        Storage.SpoilKept((5 * BlockSize) + 300, 8);
        var report = await RunAsync();
        Assert.Equal((BlockSize, (long)BlockSize), (report.LiteralBytes, report.PatchedBytes));
    }

    /// <summary>C10: what the map says of the target's old block, and the block does not hold, is no base for anything.</summary>
    [Fact]
    public async Task ATargetWhoseOldBlockIsAnotherIsDiverged()
    {
        await RunAsync();
        Edit(20 * BlockSize);
        Target[(20 * BlockSize) + 300] ^= 1;
        var failure = await Assert.ThrowsAnyAsync<RsyncFsException>(() => Pair.RunAsync(Token));
        Assert.Equal(ErrorId.TargetDiverged, failure.Id);
        Assert.Equal(Plan.Compare, (await RunAsync()).Plan);
    }

    /// <summary>Many generations of edits of every size, in text and in noise: both ends agree on each.</summary>
    [Fact]
    public async Task GenerationsOfEditsAreEqualAtBothEnds()
    {
        var random = TestSeed.NewRandom();
        Edits.Fill(Source, random);
        await RunAsync();
        var patched = 0L;
        for (var cycle = 0; cycle < 25; cycle++)
        {
            for (var edit = random.Next(40); edit > 0; edit--)
            {
                var length = random.Next(1, random.Next(8) == 0 ? 30_000 : 200);
                random.NextBytes(Source.AsSpan(random.Next(Length - length + 1), length));
            }

            var at = random.Next(Length - BlockSize);
            var moved = Source.AsSpan(at, random.Next(1, BlockSize - 100)).ToArray();
            moved.CopyTo(Source.AsSpan(at + random.Next(100)));
            var report = await RunAsync();
            Assert.Equal(Plan.Tracked, report.Plan);
            patched += report.PatchedBytes;
            Assert.Equal(0, (await Pair.VerifyAsync(Token)).DifferingBlocks);
        }

        Assert.True(patched > 0, "nothing was patched: the test tests nothing");
    }

    /// <summary>
    /// The line is cut all along a tracked update of two batches, with a checkpoint behind the first: the
    /// target stays whole, and the next run, which goes on where it can, makes it the source.
    /// </summary>
    [Fact]
    public async Task AnUpdateOfPatchesCutAnywhereConverges()
    {
        Pair.Options = Pair.Options with { CheckpointBytes = 1 };
        await RunAsync();
        EditSome(0);
        var whole = await RunAsync();
        Assert.Equal(whole.ChangedBytes, whole.PatchedBytes);
        var length = whole.BytesSent + 40;
        var resumed = 0;
        for (var at = 0L; at < length; at += at < length - LastWordsBytes ? 97 : 11)
        {
            var before = Target.ToArray();
            EditSome((int)at + 1);
            Pair.Wire = wire => CuttingStream.Cut(wire, isSenderCut: true, at);
            try
            {
                await Pair.RunAsync(Token);
            }
            catch (ConnectionException)
            {
                var target = Target.AsSpan();
                Assert.True(
                    target.SequenceEqual(before) || target.SequenceEqual(Source),
                    $"cut at {at}: a mix"
                );
            }

            Sweep();
            Pair.Wire = wire => wire;
            var report = await RunAsync();
            resumed += report.IsResumed ? 1 : 0;
        }

        Assert.True(resumed > 0, "nothing was gone on with: the test tests less");
    }

    private void EditSome(int seed)
    {
        var random = new Random(seed);
        // More blocks than a batch has: a checkpoint is made behind a batch.
        for (var block = 1; block < BlockCount; block++)
        {
            random.NextBytes(Source.AsSpan((block * BlockSize) + random.Next(50_000), 8));
        }
    }

    private void Edit(int offset)
    {
        for (var at = offset; at < offset + 8; at++)
        {
            Source[at] ^= 0x77;
        }
    }
}
