using RsyncFs.Blocks;
using RsyncFs.Linux.Native;
using Xunit;

namespace RsyncFs.Tests.Native;

public sealed class ZstdCodecTests
{
    private const int PageBytes = 4096;
    private const int FenceBytes = 64;
    private const byte Poison = 0xa5;

    private readonly IBlockCodec _codec = Of(3);

    [Fact]
    public void HasItsNumberOnTheWire() => Assert.Equal(CodecId.Zstd, _codec.Id);

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void HasNoOtherLevels(int level) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ZstdCodec.Find()!(level));

    [Fact]
    public void DecodesWhatItEncodedAtEveryLevel()
    {
        var chance = TestSeed.NewRandom();
        for (var level = Compression.MinLevel; level <= Compression.MaxLevel; level++)
        {
            var codec = Of(level);
            for (var round = 0; round < 20; round++)
            {
                // Levels do not matter to who decodes.
                var data = Compressible(chance, 1 + chance.Next(70_000));
                var back = new byte[data.Length];
                _codec.Decode(Encode(codec, data), back);
                Assert.True(back.AsSpan().SequenceEqual(data), $"level {level}, round {round}");
            }
        }
    }

    [Fact]
    public void OfTheLargestBlockTheWindowMayBeSmallerThanTheContent()
    {
        var data = Compressible(new Random(5), BlockLayout.MaxBlockSizeBytes);
        foreach (var level in (int[])[1, 9, 19])
        {
            var back = new byte[data.Length];
            _codec.Decode(Encode(Of(level), data), back);
            Assert.True(back.AsSpan().SequenceEqual(data), $"level {level}");
        }
    }

    [Fact]
    public void IsDenserThanLz4AndDenserAtAHigherLevel()
    {
        var data = Compressible(new Random(4), 65536);
        var room = new byte[65536];
        var lz4 = new Lz4Codec().Encode(data, room);
        var (fast, dense) = (Of(1).Encode(data, room), Of(19).Encode(data, room));
        Assert.True(lz4 > fast && fast > dense, $"lz4 {lz4}, zstd:1 {fast}, zstd:19 {dense}");
    }

    [Fact]
    public void GivesZeroForWhatDoesNotFitAndWritesNothingBehindTheRoom()
    {
        var noise = new byte[PageBytes];
        new Random(1).NextBytes(noise);
        Assert.Equal(0, _codec.Encode(noise, new byte[PageBytes - 1]));
        Assert.Equal(0, _codec.Encode(noise, []));

        // CVE-2019-11922: a buffer that is too short, for content that compresses nearly enough.
        var chance = TestSeed.NewRandom();
        var guarded = new byte[PageBytes + (2 * FenceBytes)];
        var data = Compressible(chance, 16384);
        var whole = Encode(_codec, data).Length;
        for (var room = 1; room < whole; room += 37)
        {
            guarded.AsSpan().Fill(Poison);
            Assert.Equal(0, _codec.Encode(data, guarded.AsSpan(FenceBytes, Math.Min(room, PageBytes))));
            AssertFences(guarded, Math.Min(room, PageBytes));
        }
    }

    /// <summary>What lies in the room, and what a context held before, is no part of what is sent.</summary>
    [Fact]
    public void WhatIsEncodedDoesNotDependOnWhatWasThereBefore()
    {
        var chance = TestSeed.NewRandom();
        for (var round = 0; round < 50; round++)
        {
            var data = Compressible(chance, 1 + chance.Next(70_000));
            var (one, other) = (new byte[80_000], new byte[80_000]);
            one.AsSpan().Fill(0xA5);
            other.AsSpan().Fill(0x3C);
            var fresh = Of(3).Encode(data, one);
            _ = _codec.Encode(chance.NextBytes(1 + chance.Next(70_000)), new byte[80_000]);
            Assert.Equal(fresh, _codec.Encode(data, other));
            Assert.True(one.AsSpan(0, fresh).SequenceEqual(other.AsSpan(0, fresh)), $"round {round}");
        }
    }

    [Fact]
    public void RefusesToDecodeToAnotherLength()
    {
        var stored = Encode(_codec, Compressible(new Random(2), PageBytes));
        foreach (var wrong in (int[])[0, 1, PageBytes - 1, PageBytes + 1, 2 * PageBytes])
        {
            Assert.Throws<InvalidDataException>(() => _codec.Decode(stored, new byte[wrong]));
        }
    }

    [Fact]
    public void RefusesEveryTruncationAndEveryTail()
    {
        var stored = Encode(_codec, Compressible(new Random(3), PageBytes));
        for (var cut = 0; cut < stored.Length; cut++)
        {
            Assert.Throws<InvalidDataException>(() =>
                _codec.Decode(stored.AsSpan(0, cut), new byte[PageBytes])
            );
        }

        Assert.Throws<InvalidDataException>(() => _codec.Decode([.. stored, 0], new byte[PageBytes]));
        Assert.Throws<InvalidDataException>(() => _codec.Decode([.. stored, .. stored], new byte[PageBytes]));
    }

    /// <summary>Frames that zstd itself takes, and that no sender of ours makes (RFC 8878, 3.1).</summary>
    [Theory]
    [InlineData("28B52FFD 24 05 290000 68656C6C6F 2C9DD3D2", "a checksum")]
    [InlineData("28B52FFD 21 07 05 290000 68656C6C6F", "a dictionary's number")]
    [InlineData("28B52FFD 28 05 290000 68656C6C6F", "the reserved bit")]
    [InlineData("28B52FFD 00 00 290000 68656C6C6F", "no length of the content")]
    [InlineData("502A4D18 05000000 68656C6C6F", "a frame to be skipped")]
    [InlineData("502A4D18 00000000 28B52FFD 20 05 290000 68656C6C6F", "a frame to be skipped before it")]
    [InlineData("28B52FFD 20 05 290000 68656C6C6F 502A4D18 00000000", "a frame to be skipped behind it")]
    [InlineData("28B52FFD 20 02 110000 6865 28B52FFD 20 03 190000 6C6C6F", "two frames")]
    [InlineData("28B52FFD 20 06 290000 68656C6C6F", "a length that is not that of the content")]
    public void RefusesAFrameWith(string hex, string what)
    {
        var stored = Convert.FromHexString(hex.Replace(" ", ""));
        var problem = Record.Exception(() => _codec.Decode(stored, new byte[5]));
        Assert.True(problem is InvalidDataException, $"{what}: {problem?.ToString() ?? "was taken"}");
    }

    [Fact]
    public void DecodesTheSimplestFrame()
    {
        // One segment, five bytes; a raw block, the last, of five bytes.
        var back = new byte[5];
        _codec.Decode([0x28, 0xB5, 0x2F, 0xFD, 0x20, 5, 0x29, 0, 0, .. "hello"u8], back);
        Assert.Equal("hello"u8.ToArray(), back);
    }

    /// <summary>A window of 2 GiB, or of more than there can be, or a content of 2^64-3 bytes: words, for which no memory is taken.</summary>
    [Theory]
    [InlineData("28B52FFD 80 A8 00100000 038000 61", true)]
    [InlineData("28B52FFD 80 F8 00100000 038000 61", null)]
    [InlineData("28B52FFD E0 FDFFFFFFFFFFFFFF 038000 61", false)]
    public void TakesNoMemoryForWhatAFrameClaims(string hex, bool? isGood)
    {
        var stored = Convert.FromHexString(hex.Replace(" ", ""));
        var before = PeakBytes();
        var back = new byte[PageBytes];
        for (var round = 0; round < 200; round++)
        {
            var problem = Record.Exception(() => _codec.Decode(stored, back));
            Assert.True(problem is null or InvalidDataException, problem?.ToString());
            Assert.True(isGood is null || (problem is null) == isGood, problem?.ToString() ?? "was taken");
        }

        // The context itself takes some 100 KiB; other tests run beside this one.
        Assert.InRange(PeakBytes() - before, 0, 1L << 30);
    }

    [Fact]
    public void TouchesNothingOutsideWhateverItIsGiven()
    {
        var chance = TestSeed.NewRandom();
        var guarded = new byte[PageBytes + (2 * FenceBytes)];
        var good = Encode(_codec, Compressible(chance, PageBytes));
        for (var round = 0; round < 5000; round++)
        {
            var damaged = good.ToArray();
            for (var flips = 1 + chance.Next(4); flips > 0; flips--)
            {
                damaged[chance.Next(damaged.Length)] = (byte)chance.Next(256);
            }

            guarded.AsSpan().Fill(Poison);
            var problem = Record.Exception(() =>
                _codec.Decode(damaged, guarded.AsSpan(FenceBytes, PageBytes))
            );
            Assert.True(problem is null or InvalidDataException, $"round {round}: {problem}");
            AssertFences(guarded, PageBytes);
        }
    }

    [Fact]
    public void HasNoDictionaries()
    {
        Assert.Equal(0, _codec.Encode(new byte[PageBytes], new byte[PageBytes], new byte[PageBytes]));
        Assert.Throws<InvalidDataException>(() =>
            _codec.Decode(Encode(_codec, new byte[PageBytes]), new byte[PageBytes], new byte[PageBytes])
        );
    }

    [Fact]
    public void MayBeUsedByManyThreads() =>
        Parallel.For(
            0,
            64,
            seed =>
            {
                var data = Compressible(new Random(seed), 65536);
                var back = new byte[65536];
                _codec.Decode(Encode(_codec, data), back);
                Assert.Equal(data, back);
            }
        );

    private static IBlockCodec Of(int level) => ZstdCodec.Find()!(level);

    private static byte[] Encode(IBlockCodec codec, byte[] data)
    {
        // zstd.h, ZSTD_COMPRESSBOUND.
        var stored = new byte[data.Length + (data.Length / 256) + 1024];
        var length = codec.Encode(data, stored);
        Assert.True(length > 0, "it does not fit what always suffices");
        return stored[..length];
    }

    private static void AssertFences(byte[] guarded, int length)
    {
        Assert.False(guarded.AsSpan(0, FenceBytes).ContainsAnyExcept(Poison), "before");
        Assert.False(guarded.AsSpan(FenceBytes + length).ContainsAnyExcept(Poison), "behind");
    }

    private static long PeakBytes() =>
        long.Parse(
            File.ReadLines("/proc/self/status")
                .Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
            System.Globalization.CultureInfo.InvariantCulture
        ) * 1024;

    private static byte[] Compressible(Random chance, int length)
    {
        var words = Enumerable.Range(0, 200).Select(_ => chance.NextBytes(3 + chance.Next(9))).ToList();
        var data = new byte[length];
        for (var at = 0; at < length; )
        {
            var word = words[Math.Min(chance.Next(200), chance.Next(200))];
            var part = word.AsSpan(0, Math.Min(word.Length, length - at));
            part.CopyTo(data.AsSpan(at));
            at += part.Length;
        }

        return data;
    }
}
