using System.Net;
using System.Net.Sockets;
using RsyncFs.Errors;
using RsyncFs.Linux.Sockets;
using RsyncFs.Linux.Systemd;
using Xunit;

namespace RsyncFs.SystemTests.Systemd;

public sealed class SocketActivationTests
{
    private const int Own = 4711;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("4711", "1", true)]
    [InlineData("4711", "0", false)]
    [InlineData("4712", "1", false)]
    [InlineData("4712", "2", false)]
    [InlineData("4711", null, false)]
    [InlineData(null, "1", false)]
    public void ASocketIsPassedToTheProcessThatIsMeant(string? process, string? count, bool isPassed) =>
        Assert.Equal(isPassed, SocketActivation.IsOnePassed(process, count, Own));

    [Theory]
    [InlineData("4711", "2", "there are 2")]
    [InlineData("4711", "-1", "LISTEN_FDS=-1 is no number")]
    [InlineData("4711", "", "LISTEN_FDS= is no number")]
    [InlineData("me", "1", "LISTEN_PID=me is no number")]
    public void WhatMakesNoSenseIsRefused(string process, string count, string cause)
    {
        var error = Assert.Throws<RsyncFsException>(() => SocketActivation.IsOnePassed(process, count, Own));
        Assert.Equal(ErrorId.Usage, error.Id);
        Assert.Equal(cause, error.Cause);
        Assert.NotNull(error.Hint);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::")]
    public async Task AListeningSocketIsTakenOver(string address)
    {
        var end = new IPEndPoint(IPAddress.Parse(address), 0);
        var made = new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (made.AddressFamily == AddressFamily.InterNetworkV6)
        {
            made.DualMode = true;
        }

        made.Bind(end);
        made.Listen();
        using var acceptor = TcpAcceptor.Adopt(made.SafeHandle);
        Assert.Equal(made.LocalEndPoint, acceptor.LocalAddress);
        var accepting = acceptor.AcceptAsync(TimeProvider.System, Token);
        using var caller = new TcpClient(AddressFamily.InterNetwork);
        await caller.ConnectAsync(IPAddress.Loopback, acceptor.LocalAddress.Port, Token);
        var peer = await accepting;
        await using var stream = peer.Stream;
        Assert.Equal(caller.Client.LocalEndPoint, peer.Address);
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork, SocketType.Stream, "it does not listen")]
    [InlineData(AddressFamily.InterNetwork, SocketType.Dgram, "it is no TCP socket (InterNetwork, Dgram)")]
    [InlineData(AddressFamily.Unix, SocketType.Stream, "it is no TCP socket (Unix, Stream)")]
    public void WhatDoesNotListenForTcpIsRefused(AddressFamily family, SocketType type, string cause)
    {
        using var made = new Socket(family, type, ProtocolType.Unspecified);
        var error = Assert.Throws<RsyncFsException>(() => TcpAcceptor.Adopt(made.SafeHandle));
        Assert.Equal(ErrorId.Usage, error.Id);
        Assert.Equal(cause, error.Cause);
        Assert.Contains(".socket unit", error.Hint, StringComparison.Ordinal);
        Assert.True(made.SafeHandle.IsClosed);
    }
}
