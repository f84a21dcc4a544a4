using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Tests.Laboratory;

namespace RsyncFs.Tests.Protocol;

/// <summary>One end of a session on a test bench: a clock that stands still, and a peer that is played by hand.</summary>
internal sealed class ConnectionBench : IAsyncDisposable
{
    public static readonly SessionFormat Format = new(new BlockLayout(1_000_000_000, 65536), 16);

    private readonly CancellationToken _cancellationToken;

    private ConnectionBench(ProtocolRole role, CancellationToken cancellationToken, bool isInProcess = false)
    {
        _cancellationToken = cancellationToken;
        Connection = new Connection(Stream, Clock, "peer:7", role, isInProcess);
    }

    public ManualClock Clock { get; } = new();

    public ScriptedStream Stream { get; } = new();

    public Connection Connection { get; }

    /// <summary>A session that nobody has said anything in.</summary>
    public static ConnectionBench Create(
        ProtocolRole role,
        CancellationToken cancellationToken,
        bool isInProcess = false
    ) => new(role, cancellationToken, isInProcess);

    /// <summary>A receiver whose sender has named its target.</summary>
    public static async Task<ConnectionBench> OpenReceiverAsync(CancellationToken cancellationToken)
    {
        var bench = new ConnectionBench(ProtocolRole.Receiver, cancellationToken);
        await bench.FeedAsync(
            new Hello(1, 1, "", ""),
            new OpenTarget(Purpose.Replicate, "t", new SetShape(1), GoldenVolume, false, SourceLineage.None)
        );
        await bench.Connection.ReceiveAsync(cancellationToken);
        await bench.Connection.ReceiveAsync(cancellationToken);
        bench.Connection.UseFormat(Format);
        await bench.Connection.SendAsync(new Welcome(1, "", ""), cancellationToken);
        return bench;
    }

    /// <summary>A sender whose receiver has welcomed it.</summary>
    public static async Task<ConnectionBench> OpenSenderAsync(CancellationToken cancellationToken)
    {
        var bench = new ConnectionBench(ProtocolRole.Sender, cancellationToken);
        await bench.Connection.SendAsync(new Hello(1, 1, "", ""), cancellationToken);
        await bench.FeedAsync(new Welcome(1, "", ""));
        await bench.Connection.ReceiveAsync(cancellationToken);
        bench.Connection.UseFormat(Format);
        return bench;
    }

    /// <summary>Lets the connection receive these, and waits until it read them.</summary>
    public async Task FeedAsync(params Message[] messages)
    {
        foreach (var message in messages)
        {
            await Stream.FeedAsync(Frames.Encode(message, Format), _cancellationToken);
        }
    }

    /// <summary>What receiving fails with.</summary>
    public async Task<RsyncFsException> FailureAsync()
    {
        while (true)
        {
            try
            {
                await Connection.ReceiveAsync(_cancellationToken);
            }
            catch (RsyncFsException error)
            {
                return error;
            }
        }
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();

    private static Volume GoldenVolume =>
        new(Guid.AllBitsSet, new StrongHash(HashAlgorithmId.XxHash128, 1), 65536);
}
