using System.Runtime.Intrinsics.X86;
using RsyncFs.Blocks;
using RsyncFs.Delta;
using Xunit;

namespace RsyncFs.Tests.Delta;

public sealed class CandidateScanTests
{
    private const int BlockSize = 4096;

    [Fact]
    public void ScalarFormStopsWhereTheFilterSays() => AssertStopsWhereTheFilterSays(useVectors: false);

    [Fact]
    public void VectorFormStopsWhereTheFilterSays()
    {
        Assert.SkipUnless(Avx2.IsSupported, "this processor has no AVX2");
        AssertStopsWhereTheFilterSays(useVectors: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void GoesOnWhereItIsMovedTo(bool useVectors)
    {
        Assert.SkipWhen(useVectors && !Avx2.IsSupported, "this processor has no AVX2");
        var window = TestSeed.NewRandom().NextBytes(BlockSize + 2000);
        var filter = new WeakFilter(1);
        foreach (var position in (int[])[0, 5, 700, 1999, 2000])
        {
            filter.Add(KeyAt(window, position));
        }

        var scan = new CandidateScan(window, BlockSize, filter, useVectors);
        Assert.True(scan.TryNext(out var found, out _));
        Assert.Equal(0, found);
        scan.MoveTo(6);
        Assert.True(scan.TryNext(out found, out _));
        Assert.Equal(700, found);
        scan.MoveTo(2000);
        Assert.True(scan.TryNext(out found, out var key));
        Assert.Equal(2000, found);
        Assert.Equal(KeyAt(window, 2000), key);
        Assert.False(scan.TryNext(out _, out _));
        scan.MoveTo(2001);
        Assert.False(scan.TryNext(out _, out _));
    }

    private static void AssertStopsWhereTheFilterSays(bool useVectors)
    {
        var random = TestSeed.NewRandom();
        for (var round = 0; round < 100; round++)
        {
            // Around the length of a batch and of two; with filters from nearly empty to half full.
            var blockSize = BlockSize << random.Next(5);
            var window = random.NextBytes(blockSize + random.Next(700));
            window.AsSpan(0, random.Next(window.Length)).Fill(0x80);
            var filter = new WeakFilter(1);
            for (var i = 1 << random.Next(16); i > 0; i--)
            {
                filter.Add((uint)random.NextInt64(1L << 32));
            }

            var scan = new CandidateScan(window, blockSize, filter, useVectors);
            for (var position = 0; position <= window.Length - blockSize; position++)
            {
                var key = SignatureIndex.KeyFor(WeakChecksum.Compute(window.AsSpan(position, blockSize)));
                if (filter.MightContain(key))
                {
                    Assert.True(
                        scan.TryNext(out var found, out var foundKey),
                        $"round {round}: {position} missed"
                    );
                    Assert.Equal((position, key), (found, foundKey));
                }
            }

            Assert.False(scan.TryNext(out _, out _));
        }
    }

    private static uint KeyAt(byte[] window, int position) =>
        SignatureIndex.KeyFor(WeakChecksum.Compute(window.AsSpan(position, BlockSize)));
}
