using RsyncFs.Access;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Linux.Native;
using RsyncFs.Protocol;
using RsyncFs.Snapshots;
using RsyncFs.Sources;
using RsyncFs.State;
using RsyncFs.Targets;

namespace RsyncFs.Tests.Laboratory;

/// <summary>A sender and a receiver in one process, the real ones, over a pair of streams in memory.</summary>
public sealed class ReplicationPair
{
    // Ids differ between pairs, as they do between processes: no two generations ever have the same.
    private static int s_pairs = 1000;

    private readonly Services _services;

    public ReplicationPair(IBlockDevice source, IBlockDevice target, int? seed = null)
    {
        Source = source;
        Target = target;
        _services = new Services(
            new Lz4Codec(),
            TimeProvider.System,
            new SeededRandomNumbers(seed ?? Interlocked.Increment(ref s_pairs))
        );
    }

    public IBlockDevice Source { get; set; }

    /// <summary>True if the source may be written while it is read.</summary>
    public bool SourceIsInUse { get; set; }

    public IBlockDevice Target { get; set; }

    public IDurableDirectory SenderState { get; init; } = new SimulatedDurableDirectory();

    /// <summary>What the sender remembers, if other runs use it at the same time; null to read it from <see cref="SenderState"/>.</summary>
    public SourceState? SharedState { get; init; }

    public IDurableDirectory ReceiverState { get; set; } = new SimulatedDurableDirectory();

    /// <summary>What the sender calls the target's place.</summary>
    public string Destination { get; init; } = "t";

    public TargetPolicy Policy { get; set; } = new(InitPolicy.Allowed, () => null);

    public ReplicationOptions Options { get; set; } = new() { TargetName = "t", BlockSizeBytes = 4096 * 4 };

    /// <summary>What the sender compresses by.</summary>
    public BlockCodecs SenderCodecs { get; init; } = new(new Lz4Codec());

    /// <summary>What the receiver decompresses.</summary>
    public BlockCodecs ReceiverCodecs { get; set; } = new(new Lz4Codec());

    /// <summary>What a run may take; null for what it needs.</summary>
    public RunBudget? Budget { get; set; }

    /// <summary>Told where a run is.</summary>
    public IProgress<CycleProgress>? Progress { get; set; }

    /// <summary>Who the sender is to the receiver.</summary>
    public Caller Caller { get; set; } = Caller.WithoutKey;

    /// <summary>Put between the ends: given each end's stream, gives the one it uses.</summary>
    public Func<StreamPair, StreamPair> Wire { get; set; } = pair => pair;

    /// <summary>The receiver's failure in the last run, or null.</summary>
    public Exception? ReceiverFailure { get; private set; }

    /// <summary>How the source is made to stand still; null if it stands by itself.</summary>
    public ISnapshotProvider? Snapshots { get; init; }

    private ISnapshotProvider Frozen =>
        Snapshots ?? new StandingSource(Source, _services.Clock, SourceIsInUse);

    /// <summary>Runs one cycle; throws what the sender throws.</summary>
    public Task<CycleReport> RunAsync(CancellationToken cancellationToken) =>
        RunAsync(
            (state, connection) =>
                new Replicator(Frozen, state, connection, Options, _services with { Codecs = SenderCodecs })
                {
                    Budget = Budget,
                    Progress = Progress,
                }.RunAsync(cancellationToken),
            cancellationToken
        );

    /// <summary>Runs one comparison.</summary>
    public Task<VerifyReport> VerifyAsync(CancellationToken cancellationToken) =>
        RunAsync(
            (state, connection) =>
                new Verifier(
                    Frozen,
                    state,
                    connection,
                    Options with
                    {
                        Purpose = Purpose.Verify,
                    },
                    _services
                ).RunAsync(cancellationToken),
            cancellationToken
        );

    /// <summary>Takes the size that the target's device has now, as a person does on the receiver.</summary>
    public void ResizeTarget()
    {
        using var target = new Target("t", () => Target, ReceiverState, Policy, _services);
        target.Lease();
        target.Resize(force: false);
        target.Release();
    }

    /// <summary>Runs whatever a sender's end may do, against the real receiver.</summary>
    public async Task<TReport> RunAsync<TReport>(
        Func<DestinationState, Connection, Task<TReport>> work,
        CancellationToken cancellationToken
    )
    {
        var pair = Wire(StreamPair.Create());
        var serving = ServeAsync(pair.Receiver, cancellationToken);
        try
        {
            await using var connection = new Connection(
                pair.Sender,
                _services.Clock,
                "receiver",
                ProtocolRole.Sender
            );
            return await work((SharedState ?? SourceState.Load(SenderState)).At(Destination), connection);
        }
        finally
        {
            await pair.Sender.DisposeAsync();
            ReceiverFailure = await serving;
        }
    }

    /// <summary>The target as a process that just started has it.</summary>
    public Target OpenTarget() => new("t", () => Target, ReceiverState, Policy, ReceiverServices);

    private Services ReceiverServices => _services with { Codecs = ReceiverCodecs };

    private async Task<Exception?> ServeAsync(Stream stream, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new Connection(
                stream,
                _services.Clock,
                "sender",
                ProtocolRole.Receiver
            );
            // The device outlives the target, as in a process that is started again.
            using var catalogue = new TargetCatalogue([OpenTarget()]);
            var receiver = new Receiver(catalogue, ReceiverServices) { Caller = Caller };
            await receiver.ServeAsync(connection, cancellationToken);
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }
}
