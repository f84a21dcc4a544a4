using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>A sender that says what no sender of ours would: each is refused, and the target stays what it is.</summary>
public sealed class HostileSenderTests
{
    private const int BlockSize = 16384;
    private const int Length = 8 * BlockSize;

    // The page as it is, but for its last five bytes; the dictionary is the pages 0 to 2 (LZ4 block format).
    private static readonly byte[] s_nothingNew =
    [
        25,
        0,
        0x0F,
        0,
        0x20,
        .. Enumerable.Repeat((byte)0xFF, 15),
        0xF7,
        0x50,
        .. "world"u8,
    ];

    private readonly byte[] _target = new byte[Length];
    private readonly ReplicationPair _pair;
    private byte[] _before = [];
    private TargetRecord? _record;

    public HostileSenderTests()
    {
        var source = new byte[Length];
        new Random(1).NextBytes(source);
        _pair = new ReplicationPair(
            new MemoryBlockDevice(source, "source"),
            new MemoryBlockDevice(_target, "target")
        );
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Attacks =>
        [
            "delta before begin",
            "generation zero",
            "generation that the target is at",
            "resumed from nowhere",
            "full without all blocks",
            "second begin",
            "wrong parent",
            "direct on a whole target",
            "block that does not match its digest",
            "again in the middle of a delta",
            "block twice",
            "block inside a zero run",
            "end with another chain",
            "end with another count",
            "end with another root",
            "end twice",
            "goodbye in the middle of a delta",
            "goodbye behind a checkpoint that is not durable",
            "checkpoint with another chain",
            "copy from behind the end",
            "patch in a plan that knows no base",
            "patch that does not decode",
            "patch of too many bytes",
            "patch that decodes to too many bytes",
            "patch that does not prove",
        ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task ChangesNothing(string attack)
    {
        await _pair.RunAsync(Token);
        _before = _target.ToArray();
        _record = TargetRecord.Load(_pair.ReceiverState);
        var failure = await Record.ExceptionAsync(() =>
            _pair.RunAsync((_, connection) => AttackAsync(connection, attack), Token)
        );
        Assert.True(
            failure is RsyncFsException or ArgumentException,
            $"{attack}: {failure?.ToString() ?? "was let pass"}"
        );
        var isPatch = attack.StartsWith("patch", StringComparison.Ordinal);
        if (
            (isPatch && attack is not "patch that does not prove")
            || attack.StartsWith("goodbye", StringComparison.Ordinal)
        )
        {
            Assert.IsType<ProtocolException>(_pair.ReceiverFailure);
        }

        Assert.True(_before.AsSpan().SequenceEqual(_target), $"{attack}: the target was written");
        // An unchanged source was told once, properly, where the end comes twice: its time is all that moves.
        var record = TargetRecord.Load(_pair.ReceiverState)!;
        Assert.Equal(_record, record with { DataTime = _record!.DataTime });
        await _pair.RunAsync(Token);
        Assert.Null(_pair.ReceiverFailure);
    }

    /// <summary>It would be what this target and all that follow it have seen, and fence everybody for ever.</summary>
    [Fact]
    public async Task AnEpochThatNoPromotesCanBringIsNotTaken()
    {
        await _pair.RunAsync(Token);
        _record = TargetRecord.Load(_pair.ReceiverState);
        foreach (var epoch in new[] { SourceLineage.MaxEpochStep + 2, SourceLineage.MaxEpoch })
        {
            var refusal = await Assert.ThrowsAsync<RefusedException>(() =>
                _pair.RunAsync((_, connection) => OpenAsync(connection, epoch), Token)
            );
            Assert.Equal(ErrorId.EpochAhead, refusal.Id);
            Assert.Equal(_record, TargetRecord.Load(_pair.ReceiverState));
        }

        await _pair.RunAsync(Token);
        Assert.Null(_pair.ReceiverFailure);
    }

    /// <summary>A name is looked up among those that are served, and is never a part of a path.</summary>
    [Theory]
    [InlineData("../t")]
    [InlineData("t/../t")]
    [InlineData("./t")]
    [InlineData("/dev/sda")]
    [InlineData("T")]
    [InlineData("t ")]
    [InlineData("-t")]
    [InlineData("*")]
    public async Task ATargetIsFoundByItsNameAndByNoPath(string name)
    {
        await _pair.RunAsync(Token);
        _before = _target.ToArray();
        _record = TargetRecord.Load(_pair.ReceiverState);
        var files = _pair.ReceiverState.List();
        var refusal = await Assert.ThrowsAsync<RefusedException>(() =>
            _pair.RunAsync((_, connection) => OpenAsync(connection, _record!.Epoch, name), Token)
        );
        Assert.Equal(ErrorId.TargetUnknown, refusal.Id);
        Assert.True(_before.AsSpan().SequenceEqual(_target), "the target was written");
        Assert.Equal(files, _pair.ReceiverState.List());
    }

    private async Task<TargetState> OpenAsync(Connection connection, ulong epoch, string name = "t")
    {
        await Handshake.GreetAsync(connection, "attacker", "attacker", Token);
        var lineage = new SourceLineage(epoch, _record!.Generation, Guid.Empty, []);
        await connection.SendAsync(
            new OpenTarget(Purpose.Replicate, name, new SetShape(Length), _record.Volume!, false, lineage),
            Token
        );
        return Assert.IsType<TargetState>(await connection.ReceiveAsync(Token));
    }

    private async Task<bool> AttackAsync(Connection connection, string attack)
    {
        var volume = _record!.Volume!;
        await OpenAsync(connection, _record.Epoch);
        var layout = new BlockLayout(Length, BlockSize);
        connection.UseFormat(new SessionFormat(layout, 16));
        var isPatch = attack.StartsWith("patch", StringComparison.Ordinal);
        var begin = new BeginGeneration(
            Guid.NewGuid(),
            _record.Generation,
            isPatch && attack is not "patch in a plan that knows no base" ? Plan.Tracked : Plan.Digest,
            ApplyMode.Journal,
            DateTimeOffset.UnixEpoch
        );
        var chain = new DeltaChain(volume.Hash);
        switch (attack)
        {
            case "delta before begin":
                await connection.SendAsync(new Checkpoint(0, default, false), Token);
                break;
            case "second begin":
                await connection.SendAsync(begin, Token);
                await connection.SendAsync(begin, Token);
                break;
            case "generation zero":
                await connection.SendAsync(begin with { Generation = Guid.Empty }, Token);
                break;
            case "generation that the target is at":
                await connection.SendAsync(begin with { Generation = _record.Generation }, Token);
                break;
            case "resumed from nowhere":
                var nowhere = new DeltaPosition(begin.Generation, 5, new Digest(1, 0));
                await connection.SendAsync(begin with { Resumed = nowhere, FirstBlock = 3 }, Token);
                break;
            case "full without all blocks":
                await connection.SendAsync(begin with { Plan = Plan.Full }, Token);
                await connection.SendAsync(new EndOfDelta(0, default, _record.Root, false), Token);
                break;
            case "wrong parent":
                await connection.SendAsync(begin with { Parent = Guid.NewGuid() }, Token);
                break;
            case "direct on a whole target":
                await connection.SendAsync(begin with { ApplyMode = ApplyMode.Direct }, Token);
                break;
            default:
                await connection.SendAsync(begin, Token);
                await AttackDeltaAsync(connection, attack, layout, chain);
                break;
        }

        // Whatever comes back is the refusal, thrown.
        while (await connection.ReceiveAsync(Token) is not Applied) { }

        return attack is "end twice" ? await EndTwiceAsync(connection, chain) : true;
    }

    private static async Task<bool> EndTwiceAsync(Connection connection, DeltaChain chain)
    {
        await connection.SendAsync(new EndOfDelta(chain.RecordCount, chain.Value, default, false), Token);
        await connection.ReceiveAsync(Token);
        return true;
    }

    /// <summary>A patch of page 1 of block 3.</summary>
    private static BlockChange PatchOf(byte[] stored)
    {
        var pages = new PageBitmap(4);
        pages.Add(1);
        return new BlockChange(3, default)
        {
            WrittenPages = pages,
            IsPatch = true,
            Codec = CodecId.Lz4,
            Stored = stored,
        };
    }

    private static byte[] Endless()
    {
        // Fits the frame's own check: less than the page.
        var bytes = new byte[4000];
        bytes.AsSpan().Fill(0xFF);
        bytes[0] = 0x0F;
        bytes[1] = 1;
        bytes[2] = 0;
        return bytes;
    }

    private async Task AttackDeltaAsync(
        Connection connection,
        string attack,
        BlockLayout layout,
        DeltaChain chain
    )
    {
        var whole = new BlockChange(3, default)
        {
            WrittenPages = PageBitmap.All(4),
            Stored = new byte[BlockSize],
        };
        var zeros = new ZeroRun(1, 3);
        var zero = new ZeroRun(1, 1);
        IReadOnlyList<DeltaRecord> records = attack switch
        {
            "block that does not match its digest" => [whole],
            "block twice" => [zero],
            "block inside a zero run" => [zeros],
            "copy from behind the end" =>
            [
                new BlockChange(2, default) { Copies = [new CopyOp(0, 4, Length - 100)] },
            ],
            "patch in a plan that knows no base" or "patch that does not prove" => [PatchOf(s_nothingNew)],
            "patch that does not decode" => [PatchOf([4, 0, 1, 0, 0, 0])],
            "patch of too many bytes" => [PatchOf([.. s_nothingNew, 0])],
            // A match of a MiB.
            "patch that decodes to too many bytes" => [PatchOf([0xA0, 0x0F, .. Endless()])],
            "end twice" => [],
            _ => [zero],
        };
        if (records.Count > 0)
        {
            await connection.SendAsync(new DeltaBatch(records), Token);
            chain.Add(records[0]);
        }

        switch (attack)
        {
            case "block twice":
                await connection.SendAsync(new DeltaBatch([zero]), Token);
                break;
            case "block inside a zero run":
                await connection.SendAsync(new DeltaBatch([new ZeroRun(2, 1)]), Token);
                break;
            case "end with another chain":
                await connection.SendAsync(new EndOfDelta(1, default, _record!.Root, false), Token);
                break;
            case "end with another count":
                await connection.SendAsync(new EndOfDelta(2, chain.Value, _record!.Root, false), Token);
                break;
            case "end with another root":
                await connection.SendAsync(new EndOfDelta(1, chain.Value, _record!.Root, false), Token);
                break;
            case "checkpoint with another chain":
                await connection.SendAsync(new Checkpoint(1, default, false), Token);
                break;
            case "end twice":
                await connection.SendAsync(new EndOfDelta(0, default, _record!.Root, false), Token);
                break;
            case "again in the middle of a delta" or "goodbye in the middle of a delta":
                await connection.SendAsync(attack[0] is 'a' ? new Again(0) : new Bye(0), Token);
                break;
            case "goodbye behind a checkpoint that is not durable":
                await connection.SendAsync(new Checkpoint(1, chain.Value, IsDurable: false), Token);
                Assert.IsType<Checkpoint>(await connection.ReceiveAsync(Token));
                await connection.SendAsync(new Bye(0), Token);
                break;
            case "patch that does not prove":
                // It is refused, as what a target that is not the base would make of it; and then it is not sent again.
                await connection.SendAsync(new EndOfDelta(1, chain.Value, new Digest(1, 1), false), Token);
                break;
            default:
                break;
        }
    }
}
