using RsyncFs.Blocks;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Tests.Laboratory;

namespace RsyncFs.Tests.Protocol;

/// <summary>Both ends of a session in one process, past the handshake, on a clock that stands still.</summary>
internal sealed class SessionPair : IAsyncDisposable
{
    private SessionPair(StreamPair streams)
    {
        Sender = new Connection(streams.Sender, Clock, "receiver", ProtocolRole.Sender);
        Receiver = new Connection(streams.Receiver, Clock, "sender", ProtocolRole.Receiver);
    }

    public ManualClock Clock { get; } = new();

    public Connection Sender { get; }

    public Connection Receiver { get; }

    public static async Task<SessionPair> OpenAsync(CancellationToken cancellationToken)
    {
        var pair = new SessionPair(StreamPair.Create());
        var answering = Handshake.AnswerAsync(pair.Receiver, "r 1", "beta", cancellationToken).AsTask();
        await Handshake.GreetAsync(pair.Sender, "s 1", "alpha", cancellationToken);
        await answering;
        var volume = new Volume(Guid.AllBitsSet, new StrongHash(HashAlgorithmId.XxHash128, 1), 65536);
        await pair.Sender.SendAsync(
            new OpenTarget(Purpose.Replicate, "t", new SetShape(1), volume, false, SourceLineage.None),
            cancellationToken
        );
        await pair.Receiver.ReceiveAsync(cancellationToken);
        pair.Sender.UseFormat(ConnectionBench.Format);
        pair.Receiver.UseFormat(ConnectionBench.Format);
        return pair;
    }

    public async ValueTask DisposeAsync()
    {
        await Sender.DisposeAsync();
        await Receiver.DisposeAsync();
    }
}
