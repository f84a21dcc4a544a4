using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Linux.Native;
using RsyncFs.Protocol;
using RsyncFs.Snapshots;
using RsyncFs.Sources;
using RsyncFs.Targets;

namespace RsyncFs.Fuzz.Sessions;

/// <summary>
/// Both ends of a replication before a session begins: devices, what both remember, and what the sender is told to do.
/// A session is run on a copy; nothing here changes, and ids and times are the same in every run.
/// </summary>
/// <param name="Number">Makes ids that differ from those of other scenes.</param>
/// <param name="Source">Bytes of the source.</param>
/// <param name="Target">Bytes of the target.</param>
/// <param name="SenderState">What the sender remembers.</param>
/// <param name="ReceiverState">What the receiver remembers.</param>
internal sealed record Scene(
    int Number,
    byte[] Source,
    byte[] Target,
    MemoryDirectory SenderState,
    MemoryDirectory ReceiverState
)
{
    public const string TargetName = "t";
    public const int BlockSizeBytes = 4096;

    private static readonly FrozenClock Frozen = new();

    private long _sectorsWritten;

    /// <summary>The time of both ends. It stands still.</summary>
    public TimeProvider Clock { get; init; } = Frozen;

    /// <summary>What a person chose.</summary>
    public ReplicationOptions Options { get; init; } =
        new()
        {
            TargetName = TargetName,
            BlockSizeBytes = BlockSizeBytes,
            Parallelism = 1,
        };

    /// <summary>A scene that can be changed without changing this one.</summary>
    public Scene Copy() =>
        this with
        {
            Source = [.. Source],
            Target = [.. Target],
            SenderState = SenderState.Copy(),
            ReceiverState = ReceiverState.Copy(),
        };

    /// <summary>Runs the receiver's end on this scene, which changes.</summary>
    public async Task ReceiveAsync(Stream stream)
    {
        await using var connection = new Connection(stream, Clock, "sender", ProtocolRole.Receiver);
        var services = ReceiverServices();
        using var device = OpenTargetDevice();
        try
        {
            using var target = OpenTarget(device, services);
            using var catalogue = new TargetCatalogue([target]);
            await new Receiver(catalogue, services).ServeAsync(connection, CancellationToken.None);
        }
        finally
        {
            _sectorsWritten = device.ReadEvidence().SectorsWritten;
        }
    }

    /// <summary>What a receiver that is started anew finds of its target, once that is settled.</summary>
    /// <exception cref="Errors.RsyncFsException">It can not be settled.</exception>
    public TargetRecord? Restart()
    {
        using var device = OpenTargetDevice();
        using var target = OpenTarget(device, ReceiverServices());
        return target.Record;
    }

    private Services ReceiverServices() => ServicesOf((ulong)(2 * Number));

    private Services ServicesOf(ulong seed)
    {
        var lz4 = new Lz4Codec();
        return new Services(lz4, Clock, new SeededNumbers(seed))
        {
            Codecs = new BlockCodecs(lz4, ZstdCodec.Find()),
        };
    }

    // Its counter goes on from session to session, or no map of it would ever be believed.
    private MemoryBlockDevice OpenTargetDevice()
    {
        var device = new MemoryBlockDevice(Target, "target");
        device.CountForeignWrite(_sectorsWritten);
        return device;
    }

    private Target OpenTarget(MemoryBlockDevice device, Services services) =>
        new(
            TargetName,
            () => device,
            ReceiverState,
            new TargetPolicy(InitPolicy.Allowed, () => null) { WritesUnderWay = 1 },
            services
        );

    /// <summary>Runs the sender's end on this scene, which changes.</summary>
    public async Task SendAsync(Stream stream)
    {
        await using var connection = new Connection(stream, Clock, "receiver", ProtocolRole.Sender);
        var services = ServicesOf((ulong)(2 * Number) + 1);
        var source = new StandingSource(new MemoryBlockDevice(Source, "source"), Clock, isInUse: false);
        var state = SourceState.Load(SenderState).At(TargetName);
        if (Options.Purpose == Purpose.Verify)
        {
            await new Verifier(source, state, connection, Options, services).RunAsync(CancellationToken.None);
        }
        else
        {
            await new Replicator(source, state, connection, Options, services).RunAsync(
                CancellationToken.None
            );
        }
    }

    /// <summary>Runs both ends on this scene, which changes; gives what each said.</summary>
    /// <param name="cutAt">The line is cut before the sender's first message of that type.</param>
    public (Tape Sender, Tape Receiver) Play(MessageType? cutAt = null)
    {
        var (sender, receiver) = (new Tape(), new Tape());
        var pair = StreamPair.Create();
        var receiving = Task.Run(() => ReceiveAsync(new TapedStream(pair.Receiver, receiver, sender)));
        var sending = Task.Run(() => SendAsync(new TapedStream(pair.Sender, sender, receiver, cutAt)));
        try
        {
            Task.WaitAll(receiving, sending);
        }
        catch (AggregateException) when (cutAt is not null)
        {
            // As it should be.
        }

        return (sender, receiver);
    }

    /// <summary>The root digest of what is on the target.</summary>
    public Digest ComputeRoot(Volume volume)
    {
        var hasher = new BlockHasher(new BlockLayout(Target.Length, volume.BlockSizeBytes), volume.Hash);
        var entries = new byte[hasher.Layout.BlockCount * hasher.EntryLength];
        hasher.WriteEntries(0, Target, entries);
        var groups = new byte[hasher.Hash.DigestLength];
        hasher.ComputeGroup(entries).Write(groups);
        return hasher.Hash.Compute(groups);
    }
}
