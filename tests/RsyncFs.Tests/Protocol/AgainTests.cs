using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Protocol;

/// <summary>Sessions that come one behind the other over one stream.</summary>
public sealed class AgainTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task BothEndsKeepTheStreamAndBeginAgain()
    {
        await using var pair = await SessionPair.OpenAsync(Token);
        var (sender, receiver) = (pair.Sender, pair.Receiver);
        for (var session = 1; session <= 3; session++)
        {
            var saying = sender.SayAgainAsync(Token).AsTask();
            Assert.Equal(new Again(0), await receiver.ReceiveAsync(Token));
            await receiver.AnswerAgainAsync(new Again(4711 + session), Token);
            Assert.Equal(4711 + session, await saying);
            Assert.True(sender.IsKept && receiver.IsKept);

            (sender, receiver) = (await sender.BeginAgainAsync(), await receiver.BeginAgainAsync());
            Assert.Equal((0, 0), (sender.BytesSent, receiver.BytesReceived));
            var answering = Handshake.AnswerAsync(receiver, "r 1", "beta", Token).AsTask();
            Assert.Equal("beta", (await Handshake.GreetAsync(sender, "s 1", "alpha", Token)).Node);
            Assert.Equal("alpha", (await answering).Node);
        }

        await sender.DisposeAsync();
        await receiver.DisposeAsync();
    }

    [Fact]
    public async Task AReceiverThatDoesNotKeepTheStreamSaysGoodbye()
    {
        await using var pair = await SessionPair.OpenAsync(Token);
        var saying = pair.Sender.SayAgainAsync(Token).AsTask();
        Assert.IsType<Again>(await pair.Receiver.ReceiveAsync(Token));
        await pair.Receiver.AnswerByeAsync(new Bye(12), Token);
        Assert.Equal(12, await saying);
        Assert.False(pair.Sender.IsKept || pair.Receiver.IsKept);
        await Assert.ThrowsAsync<InvalidOperationException>(pair.Sender.BeginAgainAsync);
    }

    /// <summary>A receiver of before does not know the message, and one of now does not take it from a sender of before.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task ASenderOfBeforeDoesNotSayIt(ushort version)
    {
        const int Length = 65536;
        var pair = new ReplicationPair(
            new MemoryBlockDevice(new byte[Length], "source"),
            new MemoryBlockDevice(new byte[Length], "target")
        );
        await pair.RunAsync(Token);
        var volume = TargetRecord.Load(pair.ReceiverState)!.Volume!;
        var saying = pair.RunAsync(
            async (_, connection) =>
            {
                await connection.SendAsync(new Hello(2, version, "", ""), Token);
                Assert.Equal(version, Assert.IsType<Welcome>(await connection.ReceiveAsync(Token)).Version);
                var target = new OpenTarget(
                    Purpose.Verify,
                    "t",
                    new SetShape(Length),
                    volume,
                    false,
                    SourceLineage.None
                );
                await connection.SendAsync(target, Token);
                Assert.IsType<TargetState>(await connection.ReceiveAsync(Token));
                return await connection.SayAgainAsync(Token);
            },
            Token
        );
        if (version < Handshake.AgainVersion)
        {
            var refused = await Assert.ThrowsAsync<RefusedException>(() => saying);
            Assert.Equal(ErrorId.ProtocolViolation, refused.Id);
        }
        else
        {
            // Both ends of the target, which a session reads first.
            Assert.Equal(2 * Length, await saying);
        }
    }

    [Fact]
    public async Task AnAnswerThatNobodyAskedForIsRefused()
    {
        await using var bench = await ConnectionBench.OpenSenderAsync(Token);
        bench.Stream.Feed(Frames.Encode(new Again(0), format: null));
        Assert.Equal(ErrorId.ProtocolViolation, (await bench.FailureAsync()).Id);
    }

    [Fact]
    public async Task WhatIsSaidBehindItBeforeItIsAnsweredIsRefused()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        byte[] both =
        [
            .. Frames.Encode(new Again(0), format: null),
            .. Frames.Encode(new Hello(2, 4, "", ""), format: null),
        ];
        bench.Stream.Feed(both);
        Assert.Equal(ErrorId.ProtocolViolation, (await bench.FailureAsync()).Id);
    }

    [Fact]
    public async Task WhoComesAgainMayBeLongInComingButNotInSayingWhoItIs()
    {
        await using var pair = await SessionPair.OpenAsync(Token);
        await using var receiver = await KeptReceiverAsync(pair);
        pair.Clock.Advance(ProtocolLimits.KeptDeadline - TimeSpan.FromSeconds(2));
        Assert.False(receiver.Lost.IsCancellationRequested);

        await using var sender = await pair.Sender.BeginAgainAsync();
        await sender.SendAsync(new Hello(2, 4, "", ""), Token);
        Assert.IsType<Hello>(await receiver.ReceiveAsync(Token));
        pair.Clock.Advance(ProtocolLimits.HandshakeDeadline - TimeSpan.FromSeconds(2));
        Assert.False(receiver.Lost.IsCancellationRequested);
        pair.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(ErrorId.Stalled, (await FailureOf(receiver)).Id);
    }

    [Fact]
    public async Task WhoDoesNotComeAgainIsNotWaitedForForEver()
    {
        await using var pair = await SessionPair.OpenAsync(Token);
        await using var receiver = await KeptReceiverAsync(pair);
        pair.Clock.Advance(ProtocolLimits.KeptDeadline + TimeSpan.FromSeconds(2));
        Assert.Equal(ErrorId.Stalled, (await FailureOf(receiver)).Id);
        Assert.Equal(0, receiver.BytesReceived);
    }

    private static async Task<Connection> KeptReceiverAsync(SessionPair pair)
    {
        var saying = pair.Sender.SayAgainAsync(Token).AsTask();
        await pair.Receiver.ReceiveAsync(Token);
        await pair.Receiver.AnswerAgainAsync(new Again(0), Token);
        await saying;
        return await pair.Receiver.BeginAgainAsync();
    }

    private static async Task<RsyncFsException> FailureOf(Connection connection) =>
        await Assert.ThrowsAnyAsync<RsyncFsException>(async () => await connection.ReceiveAsync(Token));
}
