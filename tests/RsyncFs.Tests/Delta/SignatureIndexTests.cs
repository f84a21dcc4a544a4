using RsyncFs.Delta;
using Xunit;

namespace RsyncFs.Tests.Delta;

public sealed class SignatureIndexTests
{
    [Fact]
    public void FindsTheLowestBlocksOfEveryChecksumAndNoOthers()
    {
        var random = TestSeed.NewRandom();
        for (var round = 0; round < 60; round++)
        {
            // Few different checksums make many collisions; near ones fall into the same places of bad hash tables.
            var differentCount = 1 << random.Next(14);
            var blocks = Enumerable.Range(0, random.Next(6000)).Select(i => i * 3L).ToArray();
            random.Shuffle(blocks);
            var builder = new SignatureIndexBuilder(blocks.Length);
            var model = new Dictionary<uint, SortedSet<long>>();
            foreach (var block in blocks)
            {
                var weak = (uint)random.Next(differentCount) << random.Next(2);
                Assert.True(builder.Add(weak, block));
                (model.TryGetValue(weak, out var known) ? known : model[weak] = []).Add(block);
            }

            var index = builder.Build();
            for (var weak = 0u; weak < differentCount * 2; weak++)
            {
                var expected = model.GetValueOrDefault(weak, []).Take(SignatureIndex.MaxCandidateCount);
                if (model.GetValueOrDefault(weak, []).Count <= SignatureIndex.MaxCandidateCount)
                {
                    Assert.Equal(expected, CandidatesOf(index, weak));
                }
                else
                {
                    Assert.Equal(SignatureIndex.MaxCandidateCount, CandidatesOf(index, weak).Length);
                }
            }
        }
    }

    [Fact]
    public void KeepsTheLowestBlocksOfAChecksumThatHasTooMany()
    {
        var builder = new SignatureIndexBuilder(2000);
        for (var block = 999; block >= 0; block--)
        {
            builder.Add(0xdead_beef, block);
            builder.Add((uint)block, block);
        }

        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], CandidatesOf(builder.Build(), 0xdead_beef));
    }

    [Fact]
    public void GivesNoMoreThanFits()
    {
        var builder = new SignatureIndexBuilder(100);
        foreach (var block in (long[])[50, 3, 17])
        {
            builder.Add(7, block);
        }

        Span<long> one = stackalloc long[1];
        Assert.Equal(1, builder.Build().Candidates(7, one));
        Assert.Equal(3, one[0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(12_000)]
    [InlineData(100_000)]
    [InlineData(1 << 20)]
    [InlineData((16 << 20) + 1)]
    public void StaysWithinItsMemoryLimit(long limitBytes)
    {
        var builder = new SignatureIndexBuilder(long.MaxValue, limitBytes);
        var random = TestSeed.NewRandom();
        var added = 0;
        while (builder.Add((uint)random.NextInt64(1L << 32), added))
        {
            added++;
        }

        var index = builder.Build();

        Assert.Equal(builder.Capacity, added);
        Assert.InRange(index.MemoryBytes, 0, Math.Max(limitBytes, 10 * 1024));
        Assert.True(added >= (limitBytes - (1 << 20)) / 10, $"only {added} blocks in {limitBytes} bytes");
    }

    [Fact]
    public void TakesNoMoreMemoryThanItsBlocksNeed()
    {
        var builder = new SignatureIndexBuilder(1000);
        Assert.Equal(1000, builder.Capacity);
        builder.Add(1, 1);
        Assert.InRange(builder.Build().MemoryBytes, 0, 20_000);
    }

    [Fact]
    public void HoldsSomeThirtyMillionBlocksByDefault() =>
        Assert.InRange(new SignatureIndexBuilder(long.MaxValue).Capacity, 25_000_000, 33_000_000);

    [Fact]
    public void ARegionOfEqualBlocksDoesNotUseUpTheMemory()
    {
        var builder = new SignatureIndexBuilder(20);
        for (var block = 0; block < 10_000; block++)
        {
            Assert.True(builder.Add(0x1234, block));
        }

        Assert.True(builder.Add(0x5678, 10_000));
        Assert.Equal([10_000], CandidatesOf(builder.Build(), 0x5678));
    }

    [Fact]
    public void LeavesOutABlockWhoseIndexIsTooLarge()
    {
        var builder = new SignatureIndexBuilder(10);
        Assert.True(builder.Add(1, uint.MaxValue));
        Assert.False(builder.Add(2, uint.MaxValue + 1L));
        var index = builder.Build();
        Assert.Equal([uint.MaxValue], CandidatesOf(index, 1));
        Assert.Empty(CandidatesOf(index, 2));
    }

    [Fact]
    public void AnEmptyIndexFindsNothing()
    {
        var index = new SignatureIndexBuilder(0).Build();
        Assert.Equal(0, index.BlockCount);
        Assert.Empty(CandidatesOf(index, 0));
        Assert.Empty(CandidatesOf(index, uint.MaxValue));
    }

    [Fact]
    public void ABuilderIsUsedUpByBuilding()
    {
        var builder = new SignatureIndexBuilder(10);
        builder.Build();
        Assert.Throws<InvalidOperationException>(() => builder.Add(1, 1));
        Assert.Throws<InvalidOperationException>(builder.Build);
    }

    private static long[] CandidatesOf(SignatureIndex index, uint weak)
    {
        Span<long> blocks = stackalloc long[32];
        return blocks[..index.Candidates(weak, blocks)].ToArray();
    }
}
