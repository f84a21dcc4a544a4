using RsyncFs.Blocks;
using RsyncFs.Linux.Native;
using Xunit;

namespace RsyncFs.Tests.Native;

public sealed class Lz4CodecTests
{
    private readonly Lz4Codec _codec = new();

    [Fact]
    public void HasItsNumberOnTheWire() => Assert.Equal(CodecId.Lz4, _codec.Id);

    [Fact]
    public void DecodesWhatItEncoded()
    {
        var seed = Random.Shared.Next();
        var chance = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var data = Compressible(chance, chance.Next(70_000));
            var stored = new byte[data.Length + (data.Length / 255) + 16];
            var length = _codec.Encode(data, stored);
            Assert.True(length > 0, $"seed {seed}, round {round}");
            var back = new byte[data.Length];
            _codec.Decode(stored.AsSpan(0, length), back);
            Assert.True(back.AsSpan().SequenceEqual(data), $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public void DecodesTheExampleOfTheFormat()
    {
        // Token 0x50: five literals, no match; the last sequence of a block ends with its literals.
        var back = new byte[5];
        _codec.Decode([0x50, .. "hello"u8], back);
        Assert.Equal("hello"u8.ToArray(), back);
    }

    [Fact]
    public void GivesZeroForWhatDoesNotFit()
    {
        var noise = new byte[4096];
        new Random(1).NextBytes(noise);
        Assert.Equal(0, _codec.Encode(noise, new byte[4095]));
        Assert.Equal(0, _codec.Encode(noise, []));
    }

    [Fact]
    public void RefusesToDecodeToAnotherLength()
    {
        var data = Compressible(new Random(2), 4096);
        var stored = new byte[8192];
        var length = _codec.Encode(data, stored);
        foreach (var wrong in (int[])[0, 1, 4095, 4097, 8192])
        {
            Assert.Throws<InvalidDataException>(() =>
                _codec.Decode(stored.AsSpan(0, length), new byte[wrong])
            );
        }
    }

    [Fact]
    public void RefusesEveryTruncation()
    {
        var data = Compressible(new Random(3), 4096);
        var stored = new byte[8192];
        var length = _codec.Encode(data, stored);
        for (var cut = 0; cut < length; cut++)
        {
            Assert.Throws<InvalidDataException>(() => _codec.Decode(stored.AsSpan(0, cut), new byte[4096]));
        }
    }

    [Fact]
    public void TouchesNothingOutsideWhateverItIsGiven()
    {
        var seed = Random.Shared.Next();
        var chance = new Random(seed);
        var guarded = new byte[4096 + 128];
        for (var round = 0; round < 2000; round++)
        {
            var noise = new byte[chance.Next(1, 600)];
            chance.NextBytes(noise);
            Array.Fill(guarded, (byte)0xa5);
            try
            {
                _codec.Decode(noise, guarded.AsSpan(64, 4096));
            }
            catch (InvalidDataException)
            {
                // As it must for nearly all noise.
            }

            Assert.False(guarded.AsSpan(0, 64).ContainsAnyExcept((byte)0xa5), $"seed {seed}, round {round}");
            Assert.False(guarded.AsSpan(4160).ContainsAnyExcept((byte)0xa5), $"seed {seed}, round {round}");
        }
    }

    /// <summary>Lengths that go on for as many bytes as a block may store: whatever they add up to, they are too long.</summary>
    [Theory]
    [InlineData(0xF0, false)]
    [InlineData(0x1F, true)]
    public void RefusesLengthsWithoutEndAndTouchesNothingOutside(byte token, bool isOfMatch)
    {
        var stored = new byte[BlockLayout.MaxBlockSizeBytes - 1];
        stored.AsSpan().Fill(0xFF);
        stored[0] = token;
        if (isOfMatch)
        {
            // A literal, and a match that begins at it: the length follows.
            (stored[1], stored[2], stored[3]) = ((byte)'a', 1, 0);
        }

        AssertRefusedWithin(stored);
        // And those that come to an end.
        stored[^1] = 0;
        AssertRefusedWithin(stored);
    }

    /// <summary>A match from before the begin of the output would show what lies there: of another block, of another session.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4096)]
    [InlineData(65535)]
    public void RefusesAMatchFromBeforeTheOutput(int distance) =>
        AssertRefusedWithin([0x10, (byte)'a', (byte)distance, (byte)(distance >> 8), 0x50, .. "hello"u8]);

    [Fact]
    public void DecodesWhatItEncodedWithADictionary()
    {
        var chance = TestSeed.NewRandom();
        for (var round = 0; round < 200; round++)
        {
            var dictionary = Compressible(chance, chance.Next(24_577));
            var data = Compressible(chance, chance.Next(1, 16_385));
            dictionary.AsSpan(0, Math.Min(dictionary.Length, data.Length) / 2).CopyTo(data);
            var stored = new byte[data.Length + (data.Length / 255) + 16];
            var length = _codec.Encode(data, dictionary, stored);
            Assert.True(length > 0, $"round {round}");
            var back = new byte[data.Length];
            _codec.Decode(stored.AsSpan(0, length), dictionary, back);
            Assert.True(back.AsSpan().SequenceEqual(data), $"round {round}");

            // Another dictionary: other bytes, and no error.
            chance.NextBytes(dictionary);
            _codec.Decode(stored.AsSpan(0, length), dictionary, back);
        }
    }

    [Fact]
    public void WhatTheDictionaryHoldsCostsNothing()
    {
        var noise = new byte[16384];
        new Random(1).NextBytes(noise);
        var stored = new byte[16384];
        Assert.InRange(_codec.Encode(noise.AsSpan(4096, 4096).ToArray(), noise, stored), 1, 64);
        Assert.Equal(0, _codec.Encode(noise.AsSpan(4096, 4096), [], stored.AsSpan(0, 4095)));
        Assert.Equal(0, _codec.Encode(noise, noise, []));
    }

    [Fact]
    public void WithADictionaryItRefusesEveryTruncationAndTouchesNothingOutside()
    {
        var chance = TestSeed.NewRandom();
        var dictionary = Compressible(chance, 12288);
        var data = dictionary.AsSpan(4096, 4096).ToArray();
        data[100] ^= 1;
        data[3000] ^= 1;
        var stored = new byte[4096];
        var length = _codec.Encode(data, dictionary, stored);
        for (var cut = 0; cut < length; cut++)
        {
            Assert.Throws<InvalidDataException>(() =>
                _codec.Decode(stored.AsSpan(0, cut), dictionary, new byte[4096])
            );
        }

        var guarded = new byte[4096 + 128];
        for (var round = 0; round < 2000; round++)
        {
            var noise = stored.AsSpan(0, length).ToArray();
            noise[chance.Next(length)] = (byte)chance.Next(256);
            noise[chance.Next(length)] = (byte)chance.Next(256);
            Array.Fill(guarded, (byte)0xa5);
            var problem = Record.Exception(() => _codec.Decode(noise, dictionary, guarded.AsSpan(64, 4096)));
            Assert.True(problem is null or InvalidDataException, $"round {round}: {problem}");
            Assert.False(guarded.AsSpan(0, 64).ContainsAnyExcept((byte)0xa5), $"round {round}");
            Assert.False(guarded.AsSpan(4160).ContainsAnyExcept((byte)0xa5), $"round {round}");
        }
    }

    [Fact]
    public void MayBeUsedByManyThreads() =>
        Parallel.For(
            0,
            64,
            seed =>
            {
                var data = Compressible(new Random(seed), 65536);
                var stored = new byte[70_000];
                var back = new byte[65536];
                _codec.Decode(stored.AsSpan(0, _codec.Encode(data, stored)), back);
                Assert.Equal(data, back);
            }
        );

    private void AssertRefusedWithin(byte[] stored)
    {
        const int FenceBytes = 64;
        var guarded = new byte[4096 + (2 * FenceBytes)];
        guarded.AsSpan().Fill(0xa5);
        Assert.Throws<InvalidDataException>(() => _codec.Decode(stored, guarded.AsSpan(FenceBytes, 4096)));
        Assert.False(guarded.AsSpan(0, FenceBytes).ContainsAnyExcept((byte)0xa5));
        Assert.False(guarded.AsSpan(4096 + FenceBytes).ContainsAnyExcept((byte)0xa5));
    }

    private static byte[] Compressible(Random chance, int length)
    {
        var data = new byte[length];
        for (var i = 0; i < length; i++)
        {
            data[i] = i % 97 < 60 ? (byte)(i % 13) : (byte)chance.Next(256);
        }

        return data;
    }
}
