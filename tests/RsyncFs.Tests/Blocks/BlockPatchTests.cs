using System.Text;
using RsyncFs.Blocks;
using RsyncFs.Linux.Native;
using Xunit;

namespace RsyncFs.Tests.Blocks;

public sealed class BlockPatchTests(ITestOutputHelper output)
{
    private const int PageSize = BlockLayout.PageSizeBytes;

    private readonly Lz4Codec _codec = new();

    /// <summary>All block sizes, tails of any length, any pages, and changes from a byte to everything.</summary>
    [Fact]
    public void DecodesWhatItEncoded()
    {
        var random = TestSeed.NewRandom();
        for (var round = 0; round < 400; round++)
        {
            var blockSize = PageSize << random.Next(0, 7);
            var length = random.Next(3) == 0 ? random.Next(1, blockSize + 1) : blockSize;
            var old = random.Next(2) == 0 ? Text(random, length) : random.NextBytes(length);
            var content = Edited(old, random, random.Next(0, 200), random.Next(1, 100));
            var pages = RandomPages(random, length);
            var room = new byte[length + (2 * pages.PageCount)];
            var used = BlockPatch.Encode(_codec, pages, old, content, room);
            Assert.True(used > 0, $"round {round}: no patch");

            var made = old.ToArray();
            BlockPatch.Decode(_codec, pages, old, room.AsSpan(0, used), made);
            for (var page = 0; page < pages.PageCount; page++)
            {
                var range = new Range(page * PageSize, Math.Min(length, (page + 1) * PageSize));
                var expected = pages.Contains(page) ? content : old;
                Assert.True(expected.AsSpan(range).SequenceEqual(made.AsSpan(range)), $"round {round}");
            }

            // Where there is less room it says so, and writes no more than there is.
            Assert.Equal(0, BlockPatch.Encode(_codec, pages, old, content, room.AsSpan(0, used - 1)));
        }
    }

    /// <summary>What a patch is for: edits that are small beside the pages that they are in, wherever in the block.</summary>
    [Theory]
    [InlineData(65536, false, 4, 16, 200)]
    [InlineData(65536, true, 4, 16, 250)]
    [InlineData(65536, false, 200, 8, 3500)]
    [InlineData(65536, true, 200, 8, 4500)]
    [InlineData(1 << 20, false, 3000, 8, 50_000)]
    [InlineData(4096, false, 1, 100, 140)]
    public void ASmallEditCostsAboutItself(int blockSize, bool isText, int count, int editLength, int most)
    {
        var random = new Random(1);
        var old = isText ? Text(random, blockSize) : random.NextBytes(blockSize);
        var content = Edited(old, random, count, editLength);
        var (patch, plain, literal) = Measure(old, content);
        output.WriteLine($"{literal} bytes: {plain} as LZ4, {patch} as a patch");
        Assert.InRange(patch, 1, most);
        Assert.InRange(patch, 1, plain / 8);
    }

    /// <summary>All behind an insertion moves, by less than a page.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WhatMovedALittleIsFound(bool isText)
    {
        var random = new Random(1);
        var old = isText ? Text(random, 65536) : random.NextBytes(65536);
        var content = old.ToArray();
        old.AsSpan(20_000, 65536 - 20_040).CopyTo(content.AsSpan(20_040));
        random.NextBytes(content.AsSpan(20_000, 40));
        var (patch, plain, literal) = Measure(old, content);
        output.WriteLine($"{literal} bytes: {plain} as LZ4, {patch} as a patch");
        Assert.InRange(patch, 1, 500);
    }

    [Fact]
    public void AnotherOldBlockGivesOtherBytesAndNoError()
    {
        var random = new Random(1);
        var old = random.NextBytes(65536);
        var content = Edited(old, random, 40, 8);
        var pages = PageBitmap.All(16);
        var stored = new byte[65536];
        var used = BlockPatch.Encode(_codec, pages, old, content, stored);
        var made = new byte[65536];
        BlockPatch.Decode(_codec, pages, random.NextBytes(65536), stored.AsSpan(0, used), made);
        Assert.False(content.AsSpan().SequenceEqual(made), "made of something else, it is the same");
    }

    [Fact]
    public void WhatIsNoPatchIsRefused()
    {
        var random = TestSeed.NewRandom();
        var old = random.NextBytes(16384 + 100);
        var content = Edited(old, random, 3, 8);
        var pages = PageBitmap.All(5);
        var room = new byte[old.Length];
        var patch = room[..BlockPatch.Encode(_codec, pages, old, content, room)];
        var made = new byte[old.Length];
        for (var cut = 0; cut < patch.Length; cut++)
        {
            Refuses(patch[..cut]);
        }

        Refuses([.. patch, 0]);
        Refuses([0, 0, .. patch[2..]]);
        Refuses([0xFF, 0xFF, .. new byte[65535], .. patch]);
        Refuses([1, 0, 0, .. patch]);
        for (var round = 0; round < 2000; round++)
        {
            var damaged = patch.ToArray();
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            var problem = Record.Exception(() => BlockPatch.Decode(_codec, pages, old, damaged, made));
            Assert.True(problem is null or InvalidDataException, $"round {round}: {problem}");
        }

        void Refuses(byte[] stored) =>
            Assert.Throws<InvalidDataException>(() => BlockPatch.Decode(_codec, pages, old, stored, made));
    }

    [Fact]
    public void WithoutDictionariesThereIsNothingToDecode() =>
        Assert.Throws<InvalidDataException>(() =>
            BlockPatch.Decode(new RawCodec(), PageBitmap.All(1), new byte[4096], [1, 0, 0], new byte[4096])
        );

    private (int Patch, int Plain, int Literal) Measure(byte[] old, byte[] content)
    {
        var pages = new PageBitmap(content.Length / PageSize);
        var literal = new List<byte>();
        for (var page = 0; page < pages.PageCount; page++)
        {
            var bytes = content.AsSpan(page * PageSize, PageSize);
            if (!bytes.SequenceEqual(old.AsSpan(page * PageSize, PageSize)))
            {
                pages.Add(page);
                literal.AddRange(bytes);
            }
        }

        var room = new byte[literal.Count + (literal.Count / 200) + 16];
        var plain = _codec.Encode(literal.ToArray(), room);
        return (BlockPatch.Encode(_codec, pages, old, content, room), plain, literal.Count);
    }

    private static PageBitmap RandomPages(Random random, int length)
    {
        var pages = new PageBitmap((length + PageSize - 1) / PageSize);
        var density = random.Next(1, 5);
        for (var page = 0; page < pages.PageCount; page++)
        {
            if (random.Next(4) < density)
            {
                pages.Add(page);
            }
        }

        if (pages.IsEmpty)
        {
            pages.Add(random.Next(pages.PageCount));
        }

        return pages;
    }

    private static byte[] Edited(byte[] old, Random random, int count, int editLength)
    {
        var content = old.ToArray();
        for (; count > 0; count--)
        {
            var length = Math.Min(editLength, content.Length);
            random.NextBytes(content.AsSpan(random.Next(content.Length - length + 1), length));
        }

        return content;
    }

    private static byte[] Text(Random random, int length)
    {
        string[] words = ["accepted", "volume", "snapshot", "from", "reading", "closed", "peer", "retry"];
        var text = new StringBuilder();
        while (text.Length < length)
        {
            text.Append(random.Next(100_000)).Append(' ').Append(words[random.Next(8)]).Append('\n');
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }
}
