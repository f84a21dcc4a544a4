using RsyncFs.Blocks;
using RsyncFs.Delta;
using RsyncFs.Linux.Native;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Delta;

/// <summary>The real codecs on real data; the time that they take is said, and so is the speed of the line.</summary>
public sealed class AutoCompressionTests
{
    private const int BlockBytes = 65536;
    private const double Slow = 100_000;
    private const double Fast = 1e12;

    private readonly Lock _gate = new();
    private readonly ManualClock _clock = new();
    private LineRate _line;

    [Fact]
    public void OnASlowLineItBecomesZstdAndSaysSo()
    {
        _line = new LineRate(Slow, IsLimit: false);
        var auto = New();
        Run(auto, 60);
        Assert.Equal(CompressionKind.Zstd, auto.Choice.Used.Kind);
        Assert.Contains(
            "the line is the bottleneck: the line takes 0.1 MB/s",
            auto.Choice.Reason,
            StringComparison.Ordinal
        );
        Assert.Contains("lz4 ", auto.Choice.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void OnAFastLineItStaysLz4AndSaysSo()
    {
        _line = new LineRate(Fast, IsLimit: false);
        var auto = New();
        Run(auto, 60);
        Assert.Equal(Compression.Lz4, auto.Choice.Used);
        Assert.StartsWith("the processor is the bottleneck", auto.Choice.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ALimitThatAPersonSetIsALineToo()
    {
        _line = new LineRate(Slow, IsLimit: true);
        var auto = New();
        Run(auto, 60);
        Assert.Equal(CompressionKind.Zstd, auto.Choice.Used.Kind);
        Assert.Contains("the limit is 0.1 MB/s", auto.Choice.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void BeforeTheLineIsKnownItIsLz4()
    {
        var auto = New();
        Run(auto, 20);
        Assert.Equal(
            new CompressionChoice(Compression.Lz4, "too little was sent to measure the line"),
            auto.Choice
        );
    }

    /// <summary>The line is another one now, or the limit was lifted.</summary>
    [Fact]
    public void ItFollowsTheLine()
    {
        var auto = New();
        foreach (var (rate, kind) in new[] { (Slow, CompressionKind.Zstd), (Fast, CompressionKind.Lz4) })
        {
            _line = new LineRate(rate, IsLimit: false);
            Run(auto, 60);
            Assert.Equal(kind, auto.Choice.Used.Kind);
        }
    }

    [Fact]
    public void WhatDoesNotCompressStaysWithLz4()
    {
        _line = new LineRate(Slow, IsLimit: false);
        var auto = New();
        var random = TestSeed.NewRandom();
        var room = new byte[BlockBytes];
        for (var block = 0; block < 40; block++)
        {
            Assert.Equal(0, auto.Encode(random.NextBytes(BlockBytes), room.AsSpan(0, 61440), out _));
        }

        Assert.Equal(Compression.Lz4, auto.Choice.Used);
    }

    [Fact]
    public void WhateverIsUsedDecodesAndThreadsMayShareIt()
    {
        var codecs = Codecs();
        var auto = new AutoCompression(codecs, Line, threadCount: 2, TimeProvider.System);
        var random = TestSeed.NewRandom();
        var blocks = Enumerable.Range(0, 64).Select(_ => Words(random)).ToList();
        Parallel.For(
            0,
            256,
            round =>
            {
                lock (_gate)
                {
                    _line = new LineRate(round % 32 < 16 ? Slow : Fast, IsLimit: false);
                }

                var data = blocks[round % blocks.Count];
                var (room, back) = (new byte[BlockBytes], new byte[BlockBytes]);
                var length = auto.Encode(data, room, out var codec);
                codecs.Find(codec)!.Decode(room.AsSpan(0, length), back);
                Assert.Equal(data, back);
            }
        );
    }

    private static BlockCodecs Codecs() => new(new Lz4Codec(), ZstdCodec.Find());

    private AutoCompression New()
    {
        // Megabytes a second of one thread, as they come to with blocks of a database.
        var speeds = new Dictionary<int, double>
        {
            [1] = 400,
            [3] = 200,
            [9] = 50,
        };
        var codecs = new BlockCodecs(
            new TimedCodec(new Lz4Codec(), _clock, 700),
            level => new TimedCodec(ZstdCodec.Find()!(level), _clock, speeds[level])
        );
        return new AutoCompression(codecs, Line, threadCount: 2, _clock);
    }

    private LineRate Line()
    {
        lock (_gate)
        {
            return _line;
        }
    }

    private static void Run(AutoCompression auto, int blockCount)
    {
        var random = new Random(5);
        var room = new byte[BlockBytes];
        for (var block = 0; block < blockCount; block++)
        {
            Assert.InRange(auto.Encode(Words(random), room, out _), 1, BlockBytes - 1);
        }
    }

    /// <summary>A codec that takes as long as it is said to, by a clock that stands still otherwise.</summary>
    private sealed class TimedCodec(IBlockCodec inner, ManualClock clock, double megabytesPerSecond)
        : IBlockCodec
    {
        public CodecId Id => inner.Id;

        public int Encode(ReadOnlySpan<byte> data, Span<byte> stored)
        {
            clock.Advance(TimeSpan.FromSeconds(data.Length / (megabytesPerSecond * 1e6)));
            return inner.Encode(data, stored);
        }

        public void Decode(ReadOnlySpan<byte> stored, Span<byte> data) => inner.Decode(stored, data);

        public int Encode(ReadOnlySpan<byte> data, ReadOnlySpan<byte> dictionary, Span<byte> stored) =>
            inner.Encode(data, dictionary, stored);

        public void Decode(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> dictionary, Span<byte> data) =>
            inner.Decode(stored, dictionary, data);
    }

    private static byte[] Words(Random random)
    {
        var data = new byte[BlockBytes];
        for (var at = 0; at + 8 <= data.Length; at += 8)
        {
            // Of a few hundred words each comes again and again, and none in an order.
            BitConverter.TryWriteBytes(data.AsSpan(at), 0x9E3779B97F4A7C15UL * (ulong)random.Next(300));
        }

        return data;
    }
}
