using RsyncFs.Errors;
using RsyncFs.Protocol.Messages;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Protocol;

public sealed class ByeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task BothEndsCloseWithAGoodbye()
    {
        await using var session = await SessionPair.OpenAsync(Token);
        var saying = session.Sender.SayByeAsync(Token).AsTask();
        Assert.Equal(new Bye(0), await session.Receiver.ReceiveAsync(Token));
        var answering = session.Receiver.AnswerByeAsync(new Bye(4711), Token).AsTask();
        Assert.Equal(new Bye(4711), await saying);
        await session.Sender.DisposeAsync();
        await answering;
        Assert.False(session.Receiver.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task ASenderThatDoesNotCloseIsNotWaitedForForLong()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        await bench.FeedAsync(new Bye(0));
        await bench.Connection.ReceiveAsync(Token);
        var answering = bench.Connection.AnswerByeAsync(new Bye(1), Token).AsTask();
        await AdvanceUntilAsync(bench.Clock, answering);
        await answering;
    }

    [Fact]
    public async Task AReceiverThatDoesNotAnswerIsStalled()
    {
        await using var bench = await ConnectionBench.OpenSenderAsync(Token);
        var saying = bench.Connection.SayByeAsync(Token).AsTask();
        await AdvanceUntilAsync(bench.Clock, saying);
        Assert.Equal(ErrorId.Stalled, (await Assert.ThrowsAsync<ConnectionException>(() => saying)).Id);
    }

    [Fact]
    public async Task AnEndOfTheStreamIsNoAnswer()
    {
        await using var bench = await ConnectionBench.OpenSenderAsync(Token);
        var saying = bench.Connection.SayByeAsync(Token).AsTask();
        bench.Stream.End();
        Assert.Equal(
            ErrorId.ConnectionLost,
            (await Assert.ThrowsAsync<ConnectionException>(() => saying)).Id
        );
    }

    [Fact]
    public async Task AnAnswerToNoGoodbyeIsRefused()
    {
        await using var bench = await ConnectionBench.OpenSenderAsync(Token);
        bench.Stream.Feed(Frames.Encode(new Bye(0), format: null));
        Assert.Equal(ErrorId.ProtocolViolation, (await bench.FailureAsync()).Id);
    }

    [Fact]
    public async Task AnotherMessageIsNoAnswer()
    {
        await using var bench = await ConnectionBench.OpenSenderAsync(Token);
        var saying = bench.Connection.SayByeAsync(Token).AsTask();
        await bench.FeedAsync(new Applied(default, 0, 0));
        await Assert.ThrowsAsync<ProtocolException>(() => saying);
    }

    [Fact]
    public async Task RefusesAMessageBehindTheClosingOne()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        await bench.FeedAsync(new Bye(0), new AuditQuery([1]));
        Assert.IsType<Bye>(await bench.Connection.ReceiveAsync(Token));
        Assert.Equal(ErrorId.ProtocolViolation, (await bench.FailureAsync()).Id);
    }

    [Fact]
    public async Task NothingIsSentBehindTheClosingMessage()
    {
        await using var bench = await ConnectionBench.OpenSenderAsync(Token);
        var saying = bench.Connection.SayByeAsync(Token).AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            bench.Connection.SendAsync(new AuditQuery([1]), Token).AsTask()
        );
        // Nobody reads behind it.
        bench.Stream.Feed(Frames.Encode(new Bye(5), null));
        Assert.Equal(new Bye(5), await saying);
    }

    private static async Task AdvanceUntilAsync(ManualClock clock, Task task)
    {
        // The deadline is armed on another thread; standing time would wait for it for ever.
        while (!task.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }
}
