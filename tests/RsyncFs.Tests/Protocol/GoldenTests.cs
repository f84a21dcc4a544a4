using RsyncFs.Blocks;
using RsyncFs.Linux.Native;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using Xunit;

namespace RsyncFs.Tests.Protocol;

/// <summary>
/// The wire as it is forever: each file of Golden is one frame of version 2, or of 3 where it says so, made by hand and by another program. A
/// file is never changed; what changes the bytes is a new version.
/// </summary>
public sealed class GoldenTests
{
    private static readonly SessionFormat Format = new(new BlockLayout(1_000_000, 65536), 16);
    private static readonly Guid Generation = new("10111213-1415-1617-1819-1a1b1c1d1e1f");
    private static readonly Guid Parent = new("20212223-2425-2627-2829-2a2b2c2d2e2f");
    private static readonly Guid Ancestor = new("60616263-6465-6667-6869-6a6b6c6d6e6f");
    private static readonly Guid VolumeId = new("30313233-3435-3637-3839-3a3b3c3d3e3f");
    private static readonly Digest First = Digest.Read(Sequence(0x40, 16));
    private static readonly Digest Second = Digest.Read(Sequence(0x50, 16));
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    private static readonly Volume XxVolume = new(
        VolumeId,
        new StrongHash(HashAlgorithmId.XxHash128, 0x0123456789ABCDEF),
        65536
    );

    private static readonly Volume ShaVolume = new(VolumeId, new StrongHash(HashAlgorithmId.Sha256, 0), 4096);

    private static readonly Dictionary<string, Message> Expected = new(StringComparer.Ordinal)
    {
        ["Hello"] = new Hello(2, 2, "rsyncfs 0.1.0", "alpha"),
        ["Welcome"] = new Welcome(2, "rsyncfs 0.1.0", "beta"),
        ["Refused"] = new Refused(
            "target-busy",
            "another sender is at work",
            "web-root",
            "",
            "try again later"
        ),
        ["OpenTarget"] = new OpenTarget(
            Purpose.Replicate,
            "web-root",
            new SetShape(1_000_000, 500),
            XxVolume,
            true,
            new SourceLineage(5, Generation, Parent, [Generation, Ancestor])
        ),
        ["TargetState"] = new TargetState(
            TargetStatus.Consistent,
            XxVolume,
            Generation,
            First,
            true,
            Time,
            false,
            5,
            ApplyMode.Journal,
            new DeltaPosition(Parent, 70_000, Second)
        ),
        ["TargetState-empty"] = new TargetState(
            TargetStatus.Empty,
            ShaVolume,
            default,
            default,
            false,
            DateTimeOffset.UnixEpoch,
            false,
            1,
            ApplyMode.Direct,
            default
        ),
        ["BeginGeneration"] = new BeginGeneration(Generation, Parent, Plan.Compare, ApplyMode.Journal, Time),
        ["BeginGeneration-resumed"] = new BeginGeneration(
            Generation,
            Parent,
            Plan.Compare,
            ApplyMode.Journal,
            Time,
            ReadsTarget: true,
            new DeltaPosition(Generation, 70_000, Second),
            FirstBlock: 3
        ),
        ["Credit"] = new Credit(ProtocolLimits.InitialCreditBytes),
        ["Checkpoint"] = new Checkpoint(70_000, First, true),
        ["Durable"] = new Durable(Generation),
        ["Codecs"] = new Codecs(CodecSet.Zstd),
        ["GroupDigests"] = new GroupDigests(0, Sequence(0x40, 16)),
        ["SignatureQuery"] = new SignatureQuery(0, 1),
        ["Signatures"] = new Signatures(0, Entries()),
        ["PageQuery"] = new PageQuery([2, 3, 15]),
        ["PageHashes"] = new PageHashes(15, [0xA0000000, 0xA0000001, 0xA0000002, 0xA0000003, 0xA0000004]),
        ["Delta"] = new DeltaBatch(Records()),
        ["Delta-patch"] = new DeltaBatch([Patch()]),
        ["Delta-zstd"] = new DeltaBatch([Zstd()]),
        ["BlockRefused"] = new BlockRefused(15),
        ["AuditQuery"] = new AuditQuery([0, 15]),
        ["AuditDigests"] = new AuditDigests(Sequence(0x40, 32)),
        ["EndOfDelta"] = new EndOfDelta(70_001, First, Second, true),
        ["Applied"] = new Applied(Generation, 65536, 131072),
        ["Heartbeat"] = new Heartbeat(SessionPhase.Scan, 1L << 32),
        ["Bye"] = new Bye(1_000_000),
        ["Again"] = new Again(1_000_000),
    };

    public static TheoryData<string> Names() => [.. Expected.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void TheWireIsAsItWas(string name)
    {
        var golden = Read(name);
        var message = Expected[name];
        Assert.Equal(Convert.ToHexString(golden), Convert.ToHexString(Frames.Encode(message, Format)));

        var decoded = Frames.Decode(golden, Format);
        Assert.Equal(message.GetType(), decoded.GetType());
        Assert.Equal(Convert.ToHexString(golden), Convert.ToHexString(Frames.Encode(decoded, Format)));
    }

    [Fact]
    public void EveryMessageHasItsGoldenFrame()
    {
        var types = Expected.Values.Select(message => message.Type).Distinct();
        Assert.Equal(Enum.GetValues<MessageType>(), types.Order());
    }

    private static byte[] Read(string name)
    {
        using var stream = typeof(GoldenTests).Assembly.GetManifestResourceStream(name + ".hex");
        Assert.NotNull(stream);
        using var reader = new StreamReader(stream);
        var digits = reader.ReadToEnd().Split('\n').Select(line => line.Split('#')[0].Replace(" ", ""));
        return Convert.FromHexString(string.Concat(digits));
    }

    private static byte[] Sequence(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(value => (byte)value)];

    private static byte[] Entries() =>
        [
            .. Enumerable
                .Range(0, 16)
                .SelectMany(block => new byte[] { (byte)block, 3, 2, 1 }.Concat(Sequence(block, 16))),
        ];

    /// <summary>What the frame of the patch says is what the native library makes of it.</summary>
    [Fact]
    public void ThePatchOfTheGoldenFrameDecodes()
    {
        var decoded = (DeltaBatch)Frames.Decode(Read("Delta-patch"), Format);
        var change = Assert.IsType<BlockChange>(Assert.Single(decoded.Records));
        Assert.True(change.IsPatch, "it is no patch");
        var old = new byte[65536];
        new Random(1).NextBytes(old);
        var content = old.ToArray();
        BlockPatch.Decode(new Lz4Codec(), change.WrittenPages!, old, change.Stored.Span, content);
        "hello"u8.CopyTo(old.AsSpan((7 * 4096) - 5));
        "world"u8.CopyTo(old.AsSpan((10 * 4096) - 5));
        Assert.Equal(old, content);
    }

    /// <summary>A frame of zstd that another program made is one that ours takes.</summary>
    [Fact]
    public void TheZstdOfTheGoldenFrameDecodes()
    {
        var decoded = (DeltaBatch)Frames.Decode(Read("Delta-zstd"), Format);
        var change = Assert.IsType<BlockChange>(Assert.Single(decoded.Records));
        var content = new byte[65536];
        ZstdCodec.Find()!(3).Decode(change.Stored.Span, content);
        Assert.False(content.AsSpan().ContainsAnyExcept((byte)0xEE), "it is something else");
    }

    private static BlockChange Zstd() =>
        new(3, Second)
        {
            WrittenPages = PageBitmap.All(16),
            Codec = CodecId.Zstd,
            Stored = Convert.FromHexString("28B52FFD6000FF55000010EEEE0100FB7F1D6001"),
        };

    private static BlockChange Patch()
    {
        var pages = new PageBitmap(16);
        foreach (var page in (int[])[5, 6, 9])
        {
            pages.Add(page);
        }

        byte[] first = [0x0F, 0, 0x30, .. Enumerable.Repeat((byte)0xFF, 32), 8, 0x50, .. "hello"u8];
        byte[] second = [0x0F, 0, 0x20, .. Enumerable.Repeat((byte)0xFF, 15), 0xF7, 0x50, .. "world"u8];
        return new BlockChange(3, Second)
        {
            WrittenPages = pages,
            IsPatch = true,
            Codec = CodecId.Lz4,
            Stored = (byte[])[(byte)first.Length, 0, .. first, (byte)second.Length, 0, .. second],
        };
    }

    private static DeltaRecord[] Records()
    {
        var lastPage = new PageBitmap(16);
        lastPage.Add(15);
        var firstPage = new PageBitmap(5);
        firstPage.Add(0);
        return
        [
            new BlockChange(1, First)
            {
                WrittenPages = lastPage,
                Stored = Enumerable.Repeat((byte)0xEE, 4096).ToArray(),
            },
            new BlockChange(3, Second)
            {
                WrittenPages = PageBitmap.All(16),
                Codec = CodecId.Lz4,
                Stored = Sequence(1, 5),
            },
            new ZeroRun(4, 3),
            new BlockChange(15, First)
            {
                ZeroedPages = firstPage,
                Copies = [new CopyOp(1, 2, 7), new CopyOp(4, 1, 1_000_000 - 576)],
            },
        ];
    }
}
