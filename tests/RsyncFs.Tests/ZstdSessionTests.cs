using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>zstd between two ends: used where both have it, and where one has not it is LZ4, and said.</summary>
public sealed class ZstdSessionTests
{
    private const int BlockSize = 65536;
    private const int Length = (24 * BlockSize) + 700;

    private static readonly BlockCodecs Both = new(new Lz4Codec(), ZstdCodec.Find());
    private static readonly BlockCodecs Lz4Alone = new(new Lz4Codec());

    private readonly byte[] _source = Words(TestSeed.NewRandom(), Length);
    private readonly byte[] _target = new byte[Length];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData(Plan.Full)]
    [InlineData(Plan.Compare)]
    public async Task AFirstCopyAndAnUpdateTravelByItAndAreDenser(Plan? plan)
    {
        var byLz4 = await CopyAsync(NewPair(Both, Both, Compression.Lz4));
        Array.Clear(_target);
        var pair = NewPair(Both, Both, Compression.Zstd(9));
        var byZstd = await CopyAsync(pair);
        Assert.Equal(Compression.Zstd(9), byZstd.Compression.Used);
        Assert.Equal((byLz4.LiteralBytes, false), (byZstd.LiteralBytes, byZstd.Compression.IsSubstitute));
        Assert.True(byZstd.StoredBytes < byLz4.StoredBytes * 9 / 10, $"{byZstd.StoredBytes}");

        Words(new Random(8), 5 * BlockSize).CopyTo(_source.AsSpan(3 * BlockSize));
        pair.Options = pair.Options with { Plan = plan };
        var update = await CopyAsync(pair);
        Assert.True(update.StoredBytes < update.LiteralBytes / 2, $"{update.StoredBytes}");
    }

    [Fact]
    public async Task WhatDoesNotCompressTravelsAsItIs()
    {
        new Random(3).NextBytes(_source);
        var report = await CopyAsync(NewPair(Both, Both, Compression.Zstd(3)));
        Assert.Equal(report.LiteralBytes, report.StoredBytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhereOneEndHasNoneItIsLz4AndTheReportSaysWhy(bool isReceiver)
    {
        var pair = isReceiver
            ? NewPair(Both, Lz4Alone, Compression.Zstd(3))
            : NewPair(Lz4Alone, Both, Compression.Zstd(3));
        var report = await CopyAsync(pair);
        Assert.Equal((Compression.Lz4, true), (report.Compression.Used, report.Compression.IsSubstitute));
        Assert.StartsWith(
            isReceiver ? "the receiver has no zstd" : "this end has no zstd",
            report.Compression.Reason,
            StringComparison.Ordinal
        );
        Assert.InRange(report.StoredBytes, 1, report.LiteralBytes - 1);
    }

    [Theory]
    [InlineData(CompressionKind.Auto)]
    [InlineData(CompressionKind.Lz4)]
    [InlineData(CompressionKind.None)]
    public async Task WhoDidNotAskForItIsNotWarned(CompressionKind asked)
    {
        var report = await CopyAsync(NewPair(Both, Lz4Alone, new Compression(asked)));
        Assert.False(report.Compression.IsSubstitute);
        Assert.Equal(asked == CompressionKind.None, report.Compression.Used == Compression.None);
    }

    /// <summary>Who offers version 2 is told of no codecs, and may send none that were not there then.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task ASenderIsToldOfItFromVersionThreeOnAndMaySendNoOther(int version)
    {
        var pair = NewPair(Both, Both, Compression.Lz4);
        await CopyAsync(pair);
        var before = _target.ToArray();
        var failure = await Record.ExceptionAsync(() =>
            pair.RunAsync((_, connection) => SendAsync(pair, connection, version, Good()), Token)
        );
        // With the version that has it, only the end is missing: the block itself was taken.
        var isAgreed = version == 3;
        Assert.IsAssignableFrom<RsyncFsException>(failure);
        var seen = Assert.IsAssignableFrom<RsyncFsException>(pair.ReceiverFailure);
        Assert.Equal(isAgreed, !seen.Message.Contains("was not agreed on", StringComparison.Ordinal));
        Assert.Equal(isAgreed, seen is ConnectionException);
        Assert.Equal(before, _target);
    }

    public static TheoryData<string> Attacks =>
        [
            "cut",
            "longer than the block",
            "shorter than the block",
            "a window of 2 GiB, and another length",
            "noise",
        ];

    /// <summary>Each is refused before anything is staged.</summary>
    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task AFrameThatIsNoneIsAViolation(string attack)
    {
        var pair = NewPair(Both, Both, Compression.Lz4);
        await CopyAsync(pair);
        var before = _target.ToArray();
        var stored = attack switch
        {
            "cut" => Good()[..^3],
            "longer than the block" => Encode(new byte[BlockSize + 4096]),
            "shorter than the block" => Encode(new byte[BlockSize - 4096]),
            "noise" => [.. Good().AsSpan(0, 6), .. new Random(4).NextBytes(200)],
            _ => Convert.FromHexString("28B52FFD80A80010000003800061"),
        };
        await Record.ExceptionAsync(() =>
            pair.RunAsync((_, connection) => SendAsync(pair, connection, 3, stored), Token)
        );
        var seen = Assert.IsType<ProtocolException>(pair.ReceiverFailure);
        Assert.Contains("does not decompress", seen.Message, StringComparison.Ordinal);
        Assert.Equal(before, _target);
        await CopyAsync(pair);
    }

    /// <summary>The journal of a receiver whose library was removed waits for it: nothing is lost, and what is missing is named.</summary>
    [Fact]
    public async Task ACommittedJournalWaitsForALibraryThatWasRemoved()
    {
        var pair = NewPair(Both, Both, Compression.Zstd(3));
        await CopyAsync(pair);
        Words(new Random(8), 5 * BlockSize).CopyTo(_source.AsSpan(3 * BlockSize));
        var isBroken = true;
        pair.Target = new HookedDevice(new MemoryBlockDevice(_target, "target"))
        {
            Writing = () =>
            {
                if (isBroken)
                {
                    throw new DeviceException(ErrorId.TargetIo, "the disk is gone");
                }
            },
        };
        Assert.NotNull(await Record.ExceptionAsync(() => pair.RunAsync(Token)));
        isBroken = false;

        pair.ReceiverCodecs = Lz4Alone;
        using (var settled = pair.OpenTarget())
        {
            Assert.Equal(TargetStatus.Faulted, settled.Record!.Status);
        }

        pair.ReceiverCodecs = Both;
        using (var settled = pair.OpenTarget())
        {
            Assert.Equal(TargetStatus.Consistent, settled.Record!.Status);
        }

        Assert.Equal(_source, _target);
    }

    private ReplicationPair NewPair(BlockCodecs sender, BlockCodecs receiver, Compression compression) =>
        new(new MemoryBlockDevice(_source, "source"), new MemoryBlockDevice(_target, "target"))
        {
            SenderCodecs = sender,
            ReceiverCodecs = receiver,
            Options = new ReplicationOptions
            {
                TargetName = "t",
                BlockSizeBytes = BlockSize,
                Compression = compression,
                Match = MatchMode.Aligned,
            },
        };

    private async Task<CycleReport> CopyAsync(ReplicationPair pair)
    {
        var report = await pair.RunAsync(Token);
        Assert.Null(pair.ReceiverFailure);
        Assert.Equal(_source, _target);
        return report;
    }

    /// <summary>Opens the target as a sender of a version does, and sends one block.</summary>
    private static async Task<bool> SendAsync(
        ReplicationPair pair,
        Connection connection,
        int version,
        byte[] stored
    )
    {
        var record = TargetRecord.Load(pair.ReceiverState)!;
        await connection.SendAsync(new Hello(2, (ushort)version, "", ""), Token);
        Assert.Equal(version, Assert.IsType<Welcome>(await connection.ReceiveAsync(Token)).Version);
        var lineage = new SourceLineage(record.Epoch, record.Generation, Guid.Empty, []);
        await connection.SendAsync(
            new OpenTarget(Purpose.Replicate, "t", new SetShape(Length), record.Volume!, false, lineage),
            Token
        );
        var answer = await connection.ReceiveAsync(Token);
        if (version > 2)
        {
            Assert.Equal(new Codecs(CodecSet.Zstd), answer);
            answer = await connection.ReceiveAsync(Token);
        }

        Assert.IsType<TargetState>(answer);
        connection.UseFormat(new SessionFormat(new BlockLayout(Length, BlockSize), 16));
        await connection.SendAsync(
            new BeginGeneration(
                Guid.NewGuid(),
                record.Generation,
                Plan.Digest,
                ApplyMode.Journal,
                DateTimeOffset.UnixEpoch
            ),
            Token
        );
        var hasher = new BlockHasher(new BlockLayout(Length, BlockSize), record.Volume!.Hash);
        var block = new BlockChange(3, hasher.Compute(Content()).Strong)
        {
            WrittenPages = PageBitmap.All(16),
            Codec = CodecId.Zstd,
            Stored = stored,
        };
        await connection.SendAsync(new DeltaBatch([block]), Token);
        await connection.SendAsync(new Checkpoint(1, ChainOf(record.Volume.Hash, block), false), Token);
        Assert.IsType<Checkpoint>(await connection.ReceiveAsync(Token));
        throw new ConnectionException(ErrorId.ConnectionLost, "the sender goes away");
    }

    private static Digest ChainOf(StrongHash hash, DeltaRecord record)
    {
        var chain = new DeltaChain(hash);
        chain.Add(record);
        return chain.Value;
    }

    private static byte[] Good() => Encode(Content());

    private static byte[] Content() => Words(new Random(9), BlockSize);

    private static byte[] Encode(byte[] data)
    {
        var stored = new byte[data.Length];
        return stored[..ZstdCodec.Find()!(3).Encode(data, stored)];
    }

    private static byte[] Words(Random random, int length)
    {
        var words = Enumerable.Range(0, 300).Select(_ => random.NextBytes(3 + random.Next(9))).ToList();
        var data = new byte[length];
        for (var at = 0; at < length; )
        {
            var word = words[Math.Min(random.Next(300), random.Next(300))];
            var part = word.AsSpan(0, Math.Min(word.Length, length - at));
            part.CopyTo(data.AsSpan(at));
            at += part.Length;
        }

        return data;
    }
}
