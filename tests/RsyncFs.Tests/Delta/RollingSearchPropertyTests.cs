using System.Buffers.Binary;
using RsyncFs.Delta;
using Xunit;

namespace RsyncFs.Tests.Delta;

/// <summary>Thousands of edited devices. <see cref="SearchScene.Find"/> checks every span against the bytes.</summary>
public sealed class RollingSearchPropertyTests
{
    private const int BlockSize = 4096;
    private const int CaseCount = 1500;

    [Fact]
    public void EverySpanReproducesTheSource()
    {
        var random = TestSeed.NewRandom();
        var found = 0L;
        for (var i = 0; i < CaseCount; i++)
        {
            // Few different bytes and repeated pieces: many collisions, many copies of the same.
            var bytes = RepetitiveBytes(random, random.Next(1, 12 * BlockSize));
            var scene = new SearchScene(bytes, BlockSize);
            var source = Edit(bytes, random);
            var start = random.Next(source.Length);
            found += scene.Find(source.AsSpan(start), start).Sum(span => span.LengthBytes);
        }

        Assert.True(found > CaseCount * BlockSize, $"only {found} bytes found");
    }

    [Fact]
    public void FindsExactlyWhatASearchThatComparesEveryByteFinds()
    {
        var random = TestSeed.NewRandom();
        for (var i = 0; i < CaseCount; i++)
        {
            var bytes = random.NextBytes(random.Next(1, 12 * BlockSize));
            var scene = new SearchScene(bytes, BlockSize);
            var source = Edit(bytes, random);
            var start = random.Next(source.Length);

            Assert.Equal(
                FindPlainly(scene, source.AsSpan(start), start),
                scene.Find(source.AsSpan(start), start)
            );
        }
    }

    private static List<MatchSpan> FindPlainly(
        SearchScene scene,
        ReadOnlySpan<byte> window,
        long windowOffset
    )
    {
        var byBeginning = new Dictionary<ulong, long>();
        for (var block = 0L; block < scene.WholeBlockCount; block++)
        {
            byBeginning.Add(BinaryPrimitives.ReadUInt64LittleEndian(scene.BaseBlock(block)), block);
        }

        var spans = new List<MatchSpan>();
        for (var at = 0; at <= window.Length - BlockSize; at++)
        {
            var piece = window.Slice(at, BlockSize);
            if (
                !byBeginning.TryGetValue(BinaryPrimitives.ReadUInt64LittleEndian(piece), out var block)
                || !piece.SequenceEqual(scene.BaseBlock(block))
            )
            {
                continue;
            }

            var span = new MatchSpan(windowOffset + at, block * BlockSize, BlockSize);
            if (
                spans.Count > 0
                && spans[^1].SourceEndBytes == span.SourceOffsetBytes
                && spans[^1].BaseOffsetBytes + spans[^1].LengthBytes == span.BaseOffsetBytes
            )
            {
                spans[^1] = spans[^1] with { LengthBytes = spans[^1].LengthBytes + BlockSize };
            }
            else
            {
                spans.Add(span);
            }

            at += BlockSize - 1;
        }

        return spans;
    }

    private static byte[] RepetitiveBytes(Random random, int length)
    {
        var piece = random.NextBytes(1 << random.Next(13));
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = random.Next(20_000) == 0 ? (byte)random.Next(3) : piece[i % piece.Length];
        }

        return bytes;
    }

    /// <summary>A new device of pieces of the old one, moved, repeated and overwritten, with new content between.</summary>
    private static byte[] Edit(byte[] old, Random random)
    {
        var edited = new List<byte>();
        var pieceCount = random.Next(1, 6);
        for (var i = 0; i < pieceCount; i++)
        {
            var offset = random.Next(old.Length);
            edited.AddRange(old.AsSpan(offset, random.Next(old.Length - offset) + 1));
            edited.AddRange(
                random.Next(3) == 0 ? new byte[random.Next(5000)] : random.NextBytes(random.Next(300))
            );
        }

        var source = edited.ToArray();
        for (var i = random.Next(3); i > 0; i--)
        {
            source[random.Next(source.Length)] ^= 0x10;
        }

        return source;
    }
}
