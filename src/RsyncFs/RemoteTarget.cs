using System.Collections.Concurrent;
using RsyncFs.Blocks;
using RsyncFs.Delta;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;

namespace RsyncFs;

/// <summary>The target as the sender sees it: questions, answers, and the word that counts.</summary>
/// <remarks>Answers come in the order of the questions; only refused blocks come in between, and are kept aside.</remarks>
internal sealed class RemoteTarget
{
    private readonly Connection _connection;
    private readonly SortedSet<long> _refused = [];
    private readonly ConcurrentQueue<AwaitedCheckpoint> _awaited = new();

    private RemoteTarget(Connection connection, TargetState state, SessionFormat format)
    {
        _connection = connection;
        State = state;
        Format = format;
    }

    /// <summary>What the receiver holds.</summary>
    public TargetState State { get; }

    /// <summary>Layout and digest length of this session.</summary>
    public SessionFormat Format { get; }

    /// <summary>The version of the protocol that both ends speak.</summary>
    public ushort Version { get; private init; }

    /// <summary>What the receiver decodes.</summary>
    public CodecSet Codecs { get; private init; } = CodecSet.Lz4;

    /// <summary>How fast the line takes bytes, as far as it is known.</summary>
    public LineRate Line
    {
        get
        {
            var measured = _connection.MeasuredBytesPerSecond;
            // At its limit a line is never quite as fast as that.
            return
                _connection.SendLimitBytesPerSecond is { } limit && !(measured > 0 && measured < limit * 0.9)
                ? new LineRate(limit, IsLimit: true)
                : new LineRate(measured, IsLimit: false);
        }
    }

    /// <summary>Greets the receiver and opens the target.</summary>
    /// <exception cref="RefusedException">The receiver refused. Nothing was written.</exception>
    /// <exception cref="ConnectionException">The connection broke. Nothing was written.</exception>
    /// <exception cref="ProtocolException">The receiver does not speak the protocol.</exception>
    public static async Task<RemoteTarget> OpenAsync(
        Connection connection,
        OpenTarget request,
        string node,
        CancellationToken cancellationToken
    )
    {
        var welcome = await Handshake.GreetAsync(connection, Software.Name, node, cancellationToken);
        await connection.SendAsync(request, cancellationToken);
        var answer = await connection.ReceiveAsync(cancellationToken);
        var codecs = CodecSet.Lz4;
        if (welcome.Version >= Handshake.CodecsVersion && answer is Codecs more)
        {
            codecs |= more.Set;
            answer = await connection.ReceiveAsync(cancellationToken);
        }

        if (answer is not TargetState state)
        {
            throw new ProtocolException($"{answer.GetType().Name} where TargetState belongs");
        }

        var layout = new BlockLayout(request.Shape.LengthBytes, state.Volume.BlockSizeBytes);
        var format = new SessionFormat(layout, state.Volume.Hash.DigestLength);
        connection.UseFormat(format);
        return new RemoteTarget(connection, state, format) { Codecs = codecs, Version = welcome.Version };
    }

    /// <summary>The digests of all groups, one behind the other; they come unasked in a cycle that compares.</summary>
    public async Task<byte[]> ReceiveGroupDigestsAsync(CancellationToken cancellationToken)
    {
        var digests = new byte[Format.Layout.GroupCount * Format.DigestLength];
        for (var filled = 0; filled < digests.Length; )
        {
            var part = (await NextAsync<GroupDigests>(cancellationToken)).Digests;
            part.CopyTo(digests.AsMemory(filled));
            filled += part.Length;
        }

        return digests;
    }

    /// <summary>Asks a question whose answer <see cref="NextAsync"/> gives, in turn.</summary>
    public ValueTask AskAsync(Message question, CancellationToken cancellationToken) =>
        _connection.SendAsync(question, cancellationToken);

    /// <summary>The next answer, which must be a <typeparamref name="TAnswer"/>.</summary>
    /// <exception cref="ProtocolException">It is something else.</exception>
    public async Task<TAnswer> NextAsync<TAnswer>(CancellationToken cancellationToken)
        where TAnswer : Message
    {
        while (true)
        {
            var message = await _connection.ReceiveAsync(cancellationToken);
            if (message is TAnswer answer)
            {
                return answer;
            }

            TakeAside(message, typeof(TAnswer).Name);
        }
    }

    /// <summary>Asks for a durable checkpoint behind what was sent; <paramref name="reached"/> is told when it is, unless a block was refused before.</summary>
    public ValueTask AskCheckpointAsync(DeltaChain chain, Action reached, CancellationToken cancellationToken)
    {
        var checkpoint = new Checkpoint(chain.RecordCount, chain.Value, IsDurable: true);
        _awaited.Enqueue(new AwaitedCheckpoint(checkpoint, reached));
        return AskAsync(checkpoint, cancellationToken);
    }

    /// <summary>Takes the answer to the checkpoint that was asked for first, which must be the next answer.</summary>
    public async Task NextCheckpointAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var message = await _connection.ReceiveAsync(cancellationToken);
            TakeAside(message, nameof(Checkpoint));
            if (message is Checkpoint)
            {
                return;
            }
        }
    }

    /// <summary>Waits until at most <paramref name="leaving"/> checkpoints are not reached yet. Only while no other answer is due.</summary>
    public async Task AwaitCheckpointsAsync(int leaving, CancellationToken cancellationToken)
    {
        while (_awaited.Count > leaving)
        {
            await NextCheckpointAsync(cancellationToken);
        }
    }

    /// <summary>Waits until every record sent is staged or refused; gives the refused blocks, which must be sent again, whole.</summary>
    /// <exception cref="ProtocolException">The receiver has other records than were sent.</exception>
    public async Task<BlockSet> SettleAsync(DeltaChain chain, CancellationToken cancellationToken)
    {
        var checkpoint = new Checkpoint(chain.RecordCount, chain.Value, IsDurable: false);
        _awaited.Enqueue(new AwaitedCheckpoint(checkpoint, () => { }));
        await AskAsync(checkpoint, cancellationToken);
        await AwaitCheckpointsAsync(leaving: 0, cancellationToken);
        var refused = new BlockSet(Format.Layout.BlockCount);
        foreach (var block in _refused)
        {
            refused.Add(block);
        }

        _refused.Clear();
        return refused;
    }

    /// <summary>What compresses for this receiver, as both ends can and a person wants.</summary>
    public LiteralCompressor CreateCompressor(ReplicationOptions options, Services services) =>
        LiteralCompressor.Create(
            options.Compression,
            services.Codecs,
            Codecs,
            () => Line,
            options.Parallelism,
            services.Clock
        );

    /// <summary>What puts the records of a delta on the connection.</summary>
    public DeltaSender CreateSender(DeltaChain chain, bool isEstimate) =>
        new(_connection, Format, chain, isEstimate);

    /// <summary>Ends the delta and waits for the word that the target is the generation, durably.</summary>
    public async Task<Applied> CommitAsync(EndOfDelta end, CancellationToken cancellationToken)
    {
        await AskAsync(end, cancellationToken);
        var answer = await NextAsync<Message>(cancellationToken);
        if (answer is Durable)
        {
            // It can not be lost any more; but only what is on the target is a success.
            answer = await NextAsync<Message>(cancellationToken);
        }

        return answer as Applied
            ?? throw new ProtocolException($"{answer.GetType().Name} where Applied belongs");
    }

    /// <summary>Ends the session; gives the bytes that the receiver read from the target in it.</summary>
    /// <param name="applied">The word that counts, if it was said: a cut behind it takes nothing back.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="ConnectionException">The connection broke, and that word was not said.</exception>
    public async Task<long> CloseAsync(Applied? applied, CancellationToken cancellationToken)
    {
        try
        {
            return _connection.WantsAgain && Version >= Handshake.AgainVersion
                ? await _connection.SayAgainAsync(cancellationToken)
                : (await _connection.SayByeAsync(cancellationToken)).BytesRead;
        }
        catch (Exception cut)
            when (applied is not null && cut is ConnectionException or OperationCanceledException)
        {
            return applied.BytesRead;
        }
    }

    private void TakeAside(Message message, string due)
    {
        switch (message)
        {
            case BlockRefused refused when (ulong)refused.BlockIndex < (ulong)Format.Layout.BlockCount:
                _refused.Add(refused.BlockIndex);
                break;
            case Checkpoint reached when _awaited.TryDequeue(out var awaited):
                Check(reached, awaited.Checkpoint);
                if (_refused.Count == 0)
                {
                    awaited.Reached();
                }

                break;
            default:
                throw new ProtocolException($"{message.GetType().Name} where {due} belongs");
        }
    }

    private static void Check(Checkpoint reached, Checkpoint asked)
    {
        if (reached != asked)
        {
            throw new ProtocolException(
                $"the receiver has {reached.RecordCount} records of the {asked.RecordCount} that were sent, or others"
            );
        }
    }

    private readonly record struct AwaitedCheckpoint(Checkpoint Checkpoint, Action Reached);
}
