using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Snapshots;
using RsyncFs.Sources;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>
/// A receiver that says what no receiver of ours would. The sender refuses; what it believes of its target stays as
/// it was, and the real receiver is served as ever.
/// </summary>
public sealed class HostileReceiverTests
{
    private const int BlockSize = 16384;
    private const int Length = 8 * BlockSize;

    private readonly byte[] _source = new byte[Length];
    private readonly byte[] _target = new byte[Length];
    private readonly ReplicationPair _pair;
    private BeginGeneration? _begin;

    public HostileReceiverTests()
    {
        new Random(1).NextBytes(_source);
        _pair = new ReplicationPair(
            new MemoryBlockDevice(_source, "source"),
            new MemoryBlockDevice(_target, "target")
        );
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SourceLineage Lineage => SourceState.Load(_pair.SenderState).At("t").Lineage;

    public static TheoryData<string> Attacks =>
        [
            "another epoch",
            "epoch zero",
            "another volume",
            "durable before the end",
            "applied before the end",
            "checkpoint that nobody asked for",
            "durable without data, and a cut",
            "durable twice",
            "applied of another generation",
            "applied of no generation",
            "applied of the old generation",
        ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task IsRefusedAndNothingIsBelieved(string attack)
    {
        await _pair.RunAsync(Token);
        _source[5] ^= 1;
        var before = Lineage;
        var failure = await Record.ExceptionAsync(() => RunAgainstAsync(attack));
        Assert.True(
            failure is ProtocolException or ConnectionException,
            $"{attack}: {failure?.ToString() ?? "was believed"}"
        );
        // What was proposed may have happened, for all that the sender knows; nothing else has changed.
        Assert.Equal((before.Epoch, before.Cursor), (Lineage.Epoch, Lineage.Cursor));
        Assert.Equal(before.Ancestors, Lineage.Ancestors);
        Assert.Contains(Lineage.Proposed, new[] { Guid.Empty, _begin?.Generation ?? Guid.Empty });

        await _pair.RunAsync(Token);
        Assert.True(_source.AsSpan().SequenceEqual(_target), "source and target differ");
    }

    /// <summary>A sender that is new takes the target's epoch for its own: not one that it could never get past.</summary>
    [Theory]
    [InlineData(0UL, true)]
    [InlineData(SourceLineage.FirstEpoch + SourceLineage.MaxEpochStep, false)]
    [InlineData(SourceLineage.FirstEpoch + SourceLineage.MaxEpochStep + 1, true)]
    [InlineData(ulong.MaxValue, true)]
    public void ANewSenderBelievesNoEpochThatNoPromotesCanBring(ulong epoch, bool isRefused)
    {
        var unknown = SourceState.Load(new SimulatedDurableDirectory());
        var failure = Record.Exception(() => SourceVolume.CheckEpoch(unknown, epoch));
        Assert.Equal(isRefused, failure is ProtocolException);
    }

    /// <summary>C17: only what the sender itself remembers is gone on with.</summary>
    [Fact]
    public async Task APartialThatWasNeverSentIsNotGoneOnWith()
    {
        await _pair.RunAsync(Token);
        var before = Lineage;
        await Assert.ThrowsAnyAsync<RsyncFsException>(() => RunAgainstAsync("partial that was never sent"));
        Assert.True(_begin!.Resumed.IsNone);
        Assert.Equal(0, _begin.FirstBlock);
        Assert.Equal(before.Cursor, Lineage.Cursor);
    }

    private async Task RunAgainstAsync(string attack)
    {
        var streams = StreamPair.Create();
        var serving = ServeAsync(streams.Receiver, attack);
        try
        {
            await using var connection = new Connection(
                streams.Sender,
                TimeProvider.System,
                "receiver",
                ProtocolRole.Sender
            );
            var services = new Services(new Lz4Codec(), TimeProvider.System, new SeededRandomNumbers(9));
            var replicator = new Replicator(
                new StandingSource(_pair.Source, TimeProvider.System, isInUse: false),
                SourceState.Load(_pair.SenderState).At("t"),
                connection,
                _pair.Options with
                {
                    Plan = Plan.Full,
                },
                services
            );
            await replicator.RunAsync(Token);
        }
        finally
        {
            await streams.Sender.DisposeAsync();
            await serving;
        }
    }

    private async Task ServeAsync(Stream stream, string attack)
    {
        try
        {
            await using var connection = new Connection(
                stream,
                TimeProvider.System,
                "sender",
                ProtocolRole.Receiver
            );
            await Handshake.AnswerAsync(connection, "attacker", "attacker", Token);
            await connection.ReceiveAsync(Token);
            await connection.SendAsync(StateOf(attack), Token);
            connection.UseFormat(new SessionFormat(new BlockLayout(Length, BlockSize), 16));
            _begin = Assert.IsType<BeginGeneration>(await connection.ReceiveAsync(Token));
            await AttackDeltaAsync(connection, attack);
        }
        catch (RsyncFsException)
        {
            // The sender has gone.
        }
    }

    private TargetState StateOf(string attack)
    {
        var record = TargetRecord.Load(_pair.ReceiverState)!;
        var isPartial = attack is "partial that was never sent";
        return new TargetState(
            TargetStatus.Consistent,
            attack is "another volume" ? record.Volume! with { Id = Guid.NewGuid() } : record.Volume!,
            record.Generation,
            record.Root,
            IsMapTrusted: false,
            record.DataTime,
            IsFuzzy: false,
            attack switch
            {
                "another epoch" => record.Epoch + 1,
                "epoch zero" => 0,
                _ => record.Epoch,
            },
            ApplyMode.Journal,
            isPartial ? new DeltaPosition(Guid.NewGuid(), 5, new Digest(1, 2)) : default
        );
    }

    private async Task AttackDeltaAsync(Connection connection, string attack)
    {
        Message? early = attack switch
        {
            "durable before the end" => new Durable(_begin!.Generation),
            "applied before the end" => new Applied(_begin!.Generation, 0, 0),
            "checkpoint that nobody asked for" => new Checkpoint(3, new Digest(1, 2), IsDurable: true),
            "partial that was never sent" => new Durable(Guid.NewGuid()),
            _ => null,
        };
        if (early is not null)
        {
            await connection.SendAsync(early, Token);
        }

        await connection.GrantAsync(ProtocolLimits.InitialCreditBytes, Token);
        while (true)
        {
            switch (await connection.ReceiveAsync(Token))
            {
                case Checkpoint checkpoint:
                    await connection.SendAsync(checkpoint, Token);
                    break;
                case EndOfDelta:
                    await AnswerEndAsync(connection, attack);
                    return;
                default:
                    break;
            }
        }
    }

    private async Task AnswerEndAsync(Connection connection, string attack)
    {
        var generation = _begin!.Generation;
        Message[] answers = attack switch
        {
            "durable without data, and a cut" => [new Durable(generation)],
            "durable twice" => [new Durable(generation), new Durable(generation)],
            "applied of another generation" => [new Applied(Guid.NewGuid(), 0, 0)],
            "applied of no generation" => [new Applied(Guid.Empty, 0, 0)],
            _ => [new Applied(_begin.Parent, 0, 0)],
        };
        foreach (var answer in answers)
        {
            await connection.SendAsync(answer, Token);
        }

        if (attack is not "durable without data, and a cut")
        {
            // Until the sender has read it.
            while (await connection.ReceiveAsync(Token) is not Bye) { }
        }
    }
}
