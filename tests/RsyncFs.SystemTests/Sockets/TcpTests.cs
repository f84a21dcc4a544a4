using System.Net;
using RsyncFs.Errors;
using RsyncFs.Linux.Sockets;
using RsyncFs.Protocol;
using Xunit;

namespace RsyncFs.SystemTests.Sockets;

public sealed class TcpTests
{
    private static readonly IPEndPoint AnyPort = new(IPAddress.Loopback, 0);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TwoEndsMeetOverLoopbackAndPartWithAGoodbye()
    {
        using var acceptor = TcpAcceptor.Listen(AnyPort);
        var accepting = acceptor.AcceptAsync(TimeProvider.System, Token);
        var called = await ConnectAsync("localhost", acceptor.LocalAddress.Port);
        var caller = await accepting;
        Assert.True(PlaintextPolicy.IsLocal(caller.Address.Address));

        await using var sender = new Connection(called.Stream, TimeProvider.System, "r", ProtocolRole.Sender);
        await using var receiver = new Connection(
            caller.Stream,
            TimeProvider.System,
            "s",
            ProtocolRole.Receiver
        );
        var answering = Handshake.AnswerAsync(receiver, "", "beta", Token).AsTask();
        Assert.Equal("beta", (await Handshake.GreetAsync(sender, "", "alpha", Token)).Node);
        Assert.Equal("alpha", (await answering).Node);

        var saying = sender.SayByeAsync(Token).AsTask();
        await receiver.ReceiveAsync(Token);
        var parting = receiver.AnswerByeAsync(new(3), Token).AsTask();
        Assert.Equal(3, (await saying).BytesRead);
        await sender.DisposeAsync();
        await parting;
    }

    [Fact]
    public async Task APortThatNobodyListensOnIsUnreachable()
    {
        int port;
        using (var acceptor = TcpAcceptor.Listen(AnyPort))
        {
            port = acceptor.LocalAddress.Port;
        }

        var error = await Assert.ThrowsAsync<ConnectionException>(() => ConnectAsync("127.0.0.1", port));
        Assert.Equal(ErrorId.Unreachable, error.Id);
        Assert.Equal($"127.0.0.1:{port}", error.Where);
        Assert.Contains("refused", error.Cause, StringComparison.Ordinal);
        Assert.Contains("rsyncfs serve", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AHostThatDoesNotExistIsUnreachable()
    {
        var error = await Assert.ThrowsAsync<ConnectionException>(() =>
            ConnectAsync("no-such-host.invalid", 7)
        );
        Assert.Equal(ErrorId.Unreachable, error.Id);
    }

    [Fact]
    public void AnAddressInUseCanNotBeListenedOn()
    {
        using var acceptor = TcpAcceptor.Listen(AnyPort);
        Assert.Throws<ConnectionException>(() => TcpAcceptor.Listen(acceptor.LocalAddress));
    }

    [Fact]
    public async Task AnAcceptorThatIsClosedEndsItsWait()
    {
        var acceptor = TcpAcceptor.Listen(AnyPort);
        var accepting = acceptor.AcceptAsync(TimeProvider.System, Token);
        acceptor.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accepting);
    }

    private static Task<TcpPeer> ConnectAsync(string host, int port) =>
        TcpConnector.ConnectAsync(new(host, port), TcpConnector.DefaultTimeout, TimeProvider.System, Token);
}
