using RsyncFs.Blocks;
using RsyncFs.Delta;
using Xunit;

namespace RsyncFs.Tests.Delta;

public sealed class RollingSearchTests
{
    private const int BlockSize = 4096;

    [Theory]
    [InlineData(4096)]
    [InlineData(12_288)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(7777)]
    public void FindsContentThatMovedByAnyDistance(int distance)
    {
        var random = TestSeed.NewRandom();
        var scene = new SearchScene(random.NextBytes(32 * BlockSize), BlockSize);
        byte[] window = [.. random.NextBytes(distance), .. scene.Base];

        Assert.Equal(
            [new MatchSpan(1_000_000 + distance, 0, scene.Base.Length)],
            scene.Find(window, 1_000_000)
        );
    }

    [Fact]
    public void FindsContentWhoseBeginningWasRemoved()
    {
        var scene = new SearchScene(TestSeed.NewRandom().NextBytes(32 * BlockSize), BlockSize);

        var spans = scene.Find(scene.Base.AsSpan(5001), 0);

        Assert.Equal([new MatchSpan((2 * BlockSize) - 5001, 2 * BlockSize, 30 * BlockSize)], spans);
    }

    [Fact]
    public void FindsBothSidesOfAnInsertedByte()
    {
        var scene = new SearchScene(TestSeed.NewRandom().NextBytes(16 * BlockSize), BlockSize);
        const int Cut = (5 * BlockSize) + 100;
        byte[] window = [.. scene.Base.AsSpan(0, Cut), 0x55, .. scene.Base.AsSpan(Cut)];

        Assert.Equal(
            [
                new MatchSpan(0, 0, 5 * BlockSize),
                new MatchSpan((6 * BlockSize) + 1, 6 * BlockSize, 10 * BlockSize),
            ],
            scene.Find(window, 0)
        );
    }

    [Fact]
    public void FindsBlocksThatWerePutInAnotherOrder()
    {
        var scene = new SearchScene(TestSeed.NewRandom().NextBytes(8 * BlockSize), BlockSize);
        long[] order = [7, 6, 0, 1, 2, 4];
        var window = order.SelectMany(block => scene.BaseBlock(block).ToArray()).ToArray();

        Assert.Equal([(0, 7, 1), (1, 6, 1), (2, 0, 3), (5, 4, 1)], scene.Find(window, 0).Select(InBlocks));
    }

    [Fact]
    public void FollowsTheOriginalThroughBlocksThatOccurOftener()
    {
        // Block 0 once more in the middle: by the index alone it would be taken from the front, and cut the run.
        var random = TestSeed.NewRandom();
        var bytes = random.NextBytes(8 * BlockSize);
        bytes.AsSpan(0, BlockSize).CopyTo(bytes.AsSpan(4 * BlockSize));
        var scene = new SearchScene(bytes, BlockSize);
        byte[] window = [1, .. bytes.AsSpan(2 * BlockSize)];

        Assert.Equal([new MatchSpan(1, 2 * BlockSize, 6 * BlockSize)], scene.Find(window, 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(BlockSize - 1)]
    public void AWindowShorterThanABlockHoldsNothing(int length)
    {
        var scene = new SearchScene(TestSeed.NewRandom().NextBytes(4 * BlockSize), BlockSize);
        Assert.Empty(scene.Find(scene.Base.AsSpan(0, length), 0));
    }

    [Fact]
    public void AWindowOfOneBlockMayHoldIt()
    {
        var scene = new SearchScene(TestSeed.NewRandom().NextBytes(4 * BlockSize), BlockSize);
        Assert.Equal([new MatchSpan(9, BlockSize, BlockSize)], scene.Find(scene.BaseBlock(1), 9));
    }

    [Fact]
    public void ABlockSizeMustBeOne()
    {
        var index = new SignatureIndexBuilder(0).Build();
        var hash = new StrongHash(HashAlgorithmId.XxHash128, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new RollingSearch(index, 5000, hash, (long _, out Digest digest) => (digest = default) != default)
        );
    }

    [Fact]
    public void EqualWeakChecksumsOfDifferentBlocksNeverMatch()
    {
        var random = TestSeed.NewRandom();
        for (var round = 0; round < 300; round++)
        {
            var scene = new SearchScene(random.NextBytes(8 * BlockSize), BlockSize);
            var window = scene.Base.ToArray();
            for (var block = 0; block < 8; block += 2)
            {
                var forged = window.AsSpan(block * BlockSize, BlockSize);
                ForgeCollision(forged, random);
                Assert.Equal(WeakChecksum.Compute(scene.BaseBlock(block)), WeakChecksum.Compute(forged));
            }

            Assert.Equal(
                [(1, 1, 1), (3, 3, 1), (5, 5, 1), (7, 7, 1)],
                scene.Find(window, 0).Select(InBlocks)
            );
        }
    }

    [Fact]
    public void ContentMadeToRaiseFalseAlarmsDoesNotCostMoreThanItsLength()
    {
        // Every second window of two bytes' repetition has the same checksum, and so have the base's forged blocks.
        var random = TestSeed.NewRandom();
        var window = Enumerable
            .Repeat((byte[])[0x33, 0x34], 32 * BlockSize)
            .SelectMany(pair => pair)
            .ToArray();
        var bytes = window.AsSpan(0, 4 * BlockSize).ToArray();
        for (var block = 0; block < 4; block++)
        {
            ForgeCollision(bytes.AsSpan(block * BlockSize, BlockSize), random);
        }

        var scene = new SearchScene(bytes, BlockSize);

        Assert.Empty(scene.Find(window, 0));
        Assert.InRange(scene.DigestLookupCount, 1000, 4 * RollingSearch.FalseAlarmsPerBlock * 65);
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0x40)]
    public void ARepeatedByteDoesNotHideWhatIsBehindIt(byte repeated)
    {
        // At 64 KiB the checksum of any even byte, repeated, is that of zeros: one such block in the base would
        // raise a false alarm at every offset of every other.
        const int LargeBlockSize = 65536;
        var bytes = TestSeed.NewRandom().NextBytes(3 * LargeBlockSize);
        bytes.AsSpan(LargeBlockSize, LargeBlockSize).Fill(0x20);
        var scene = new SearchScene(bytes, LargeBlockSize);
        var window = new byte[300_001 + LargeBlockSize];
        window.AsSpan().Fill(repeated);
        scene.BaseBlock(2).CopyTo(window.AsSpan(300_001));

        Assert.Equal([new MatchSpan(300_001, 2 * LargeBlockSize, LargeBlockSize)], scene.Find(window, 0));
        Assert.InRange(scene.DigestLookupCount, 1, 5);
    }

    [Fact]
    public void ManyEqualBlocksCostAFewQuestionsEach()
    {
        // A thousand blocks of one content, and as many of them on the source: twice a question a block, not a thousand.
        var bytes = new byte[1000 * BlockSize];
        bytes.AsSpan().Fill(0x77);
        var scene = new SearchScene(bytes, BlockSize);

        var spans = scene.Find(bytes.AsSpan(1), 0);

        Assert.Equal([new MatchSpan(0, 0, 999 * BlockSize)], spans);
        Assert.InRange(scene.DigestLookupCount, 999, 2 * 999);
    }

    [Fact]
    public void ManyBlocksOfOneChecksumCostNoMoreThanTheCandidatesKept()
    {
        var random = TestSeed.NewRandom();
        var bytes = new byte[500 * BlockSize];
        bytes.AsSpan().Fill(0x11);
        for (var block = 0; block < 500; block++)
        {
            ForgeCollision(bytes.AsSpan(block * BlockSize, BlockSize), random);
        }

        var scene = new SearchScene(bytes, BlockSize);
        byte[] window = [.. random.NextBytes(100), .. scene.BaseBlock(400)];
        scene.Find(window, 0);

        Assert.InRange(scene.DigestLookupCount, 0, SignatureIndex.MaxCandidateCount);
    }

    private static (long Source, long Base, long Length) InBlocks(MatchSpan span) =>
        (span.SourceOffsetBytes / BlockSize, span.BaseOffsetBytes / BlockSize, span.LengthBytes / BlockSize);

    /// <summary>Adds 1, -2, 1 to three neighbours: both sums stay, and the bytes do not.</summary>
    private static void ForgeCollision(Span<byte> block, Random random)
    {
        int at;
        do
        {
            at = random.Next(block.Length - 2);
        } while (!CanAdd(block[at], 1) || !CanAdd(block[at + 1], -2) || !CanAdd(block[at + 2], 1));

        block[at] += 1;
        block[at + 1] -= 2;
        block[at + 2] += 1;
    }

    private static bool CanAdd(byte value, int change) => (sbyte)value + change is >= -128 and <= 127;
}
