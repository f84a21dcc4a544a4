using System.Text;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Protocol;

public sealed class HandshakeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TwoEndsOfTheSameVersionAgree()
    {
        var streams = StreamPair.Create();
        var clock = new ManualClock();
        await using var sender = new Connection(streams.Sender, clock, "beta:7", ProtocolRole.Sender);
        await using var receiver = new Connection(streams.Receiver, clock, "alpha:9", ProtocolRole.Receiver);
        var answering = Handshake.AnswerAsync(receiver, "rsyncfs 2", "beta", Token).AsTask();
        var welcome = await Handshake.GreetAsync(sender, "rsyncfs 1", "alpha", Token);
        Assert.Equal(new Welcome(4, "rsyncfs 2", "beta"), welcome);
        Assert.Equal(new Hello(2, 4, "rsyncfs 1", "alpha"), await answering);
    }

    [Fact]
    public async Task AReceiverTellsASenderOfAnotherVersion()
    {
        var streams = StreamPair.Create();
        var clock = new ManualClock();
        await using var sender = new Connection(streams.Sender, clock, "beta:7", ProtocolRole.Sender);
        await using var receiver = new Connection(streams.Receiver, clock, "alpha:9", ProtocolRole.Receiver);
        await sender.SendAsync(new Hello(5, 9, "rsyncfs 5", "alpha"), Token);
        var answering = Handshake.AnswerAsync(receiver, "rsyncfs 1", "beta", Token).AsTask();

        var atReceiver = await Assert.ThrowsAsync<RefusedException>(() => answering);
        var telling = Refusal.SendAsync(receiver, atReceiver, Token).AsTask();
        var atSender = await Assert.ThrowsAsync<RefusedException>(() => sender.ReceiveAsync(Token).AsTask());
        await telling;
        Assert.Equal(ErrorId.ProtocolVersion, atSender.Id);
        Assert.True(atSender.ByPeer);
        Assert.Equal(ErrorId.ProtocolVersion, atReceiver.Id);
        Assert.False(atReceiver.ByPeer);
        Assert.Equal(atReceiver.Message, atSender.Message);
        Assert.Contains("5 to 9", atSender.Message, StringComparison.Ordinal);
    }

    /// <summary>Before there was zstd: the session is one of then.</summary>
    [Fact]
    public async Task ASenderOfTheVersionBeforeIsAnsweredInIt()
    {
        var streams = StreamPair.Create();
        var clock = new ManualClock();
        await using var sender = new Connection(streams.Sender, clock, "beta:7", ProtocolRole.Sender);
        await using var receiver = new Connection(streams.Receiver, clock, "alpha:9", ProtocolRole.Receiver);
        await sender.SendAsync(new Hello(2, 2, "rsyncfs 0", "alpha"), Token);
        var hello = await Handshake.AnswerAsync(receiver, "rsyncfs 1", "beta", Token);
        Assert.Equal(new Welcome(2, "rsyncfs 1", "beta"), await sender.ReceiveAsync(Token));
        Assert.Equal(2, Handshake.VersionWith(hello));
    }

    [Fact]
    public async Task ASenderRefusesAVersionThatItDidNotOffer()
    {
        await using var bench = ConnectionBench.Create(ProtocolRole.Sender, Token);
        var greeting = Handshake.GreetAsync(bench.Connection, "", "", Token).AsTask();
        await bench.FeedAsync(new Welcome(1, "", ""));
        await Assert.ThrowsAsync<ProtocolException>(() => greeting);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u0000\u0003\u0003abcdefgh")]
    public async Task RecognisesACallerOfAnotherProtocol(string firstBytes)
    {
        await using var bench = ConnectionBench.Create(ProtocolRole.Receiver, Token);
        await bench.Stream.FeedAsync(Encoding.ASCII.GetBytes(firstBytes), Token);
        var error = await bench.FailureAsync();
        Assert.IsType<ProtocolException>(error);
        Assert.Contains("does not speak the protocol of rsyncfs", error.Message, StringComparison.Ordinal);
        Assert.Empty(bench.Stream.Written);
    }

    [Fact]
    public async Task RefusesAHelloWithoutTheMagic()
    {
        await using var bench = ConnectionBench.Create(ProtocolRole.Receiver, Token);
        var frame = Frames.Encode(new Hello(1, 1, "a", "b"), null);
        frame[FrameHeader.LengthBytes] ^= 1;
        await bench.Stream.FeedAsync(Frames.Seal(1, frame.AsSpan(FrameHeader.LengthBytes)), Token);
        Assert.IsType<ProtocolException>(await bench.FailureAsync());
    }

    [Fact]
    public async Task RefusesASessionThatDoesNotBeginWithHello()
    {
        await using var bench = ConnectionBench.Create(ProtocolRole.Receiver, Token);
        await bench.FeedAsync(new AuditQuery([1]));
        Assert.IsType<ProtocolException>(await bench.FailureAsync());
    }

    [Fact]
    public async Task RefusesASecondHello()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        await bench.FeedAsync(new Hello(1, 1, "", ""));
        Assert.IsType<ProtocolException>(await bench.FailureAsync());
    }
}
