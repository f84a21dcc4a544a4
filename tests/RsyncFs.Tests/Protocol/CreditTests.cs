using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using Xunit;

namespace RsyncFs.Tests.Protocol;

public sealed class CreditTests
{
    private const int LiteralBytes = 65536;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ADeltaWaitsForCreditAndOthersPassIt()
    {
        await using var session = await SessionPair.OpenAsync(Token);
        var size = PayloadOf(Literal(0));
        await session.Receiver.GrantAsync(size - 1, Token);
        var waiting = session.Sender.SendAsync(Literal(0), Token).AsTask();
        await session.Sender.SendAsync(new Checkpoint(1, default, false), Token);
        Assert.IsType<Checkpoint>(await session.Receiver.ReceiveAsync(Token));
        Assert.False(waiting.IsCompleted);

        await session.Receiver.GrantAsync(1, Token);
        await waiting;
        Assert.IsType<DeltaBatch>(await session.Receiver.ReceiveAsync(Token));
        Assert.Equal(0, session.Receiver.CreditBytes);
    }

    [Fact]
    public async Task ASmallDeltaDoesNotOvertakeALargeOneThatWaits()
    {
        await using var session = await SessionPair.OpenAsync(Token);
        var large = session.Sender.SendAsync(Literal(0), Token).AsTask();
        var small = session.Sender.SendAsync(new DeltaBatch([new ZeroRun(5, 1)]), Token).AsTask();
        await session.Receiver.GrantAsync(1000, Token);
        Assert.False(small.IsCompleted);
        await session.Receiver.GrantAsync(LiteralBytes, Token);
        Assert.Equal(0, ((DeltaBatch)await session.Receiver.ReceiveAsync(Token)).Records[0].FirstBlock);
        Assert.Equal(5, ((DeltaBatch)await session.Receiver.ReceiveAsync(Token)).Records[0].FirstBlock);
        await Task.WhenAll(large, small);
    }

    [Fact]
    public async Task RefusesADeltaOverTheCreditThatWasGranted()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        var size = PayloadOf(Literal(0));
        await bench.Connection.GrantAsync((2 * size) - 1, Token);
        await bench.FeedAsync(Literal(0));
        Assert.False(bench.Connection.Lost.IsCancellationRequested);
        await bench.FeedAsync(Literal(0));
        Assert.IsType<DeltaBatch>(await bench.Connection.ReceiveAsync(Token));
        var error = await bench.FailureAsync();
        Assert.Equal(ErrorId.ProtocolViolation, error.Id);
        Assert.Contains("1 over its credit", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TakesNoMemoryForADeltaOverItsCredit()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        // The payload never comes: the header alone ends the session.
        await bench.Stream.FeedAsync(Frames.Claim((byte)MessageType.Delta, 1 << 20), Token);
        Assert.Equal(ErrorId.ProtocolViolation, (await bench.FailureAsync()).Id);
    }

    /// <summary>What costs memory and no credit would be queued without end while the receiver is at work.</summary>
    [Fact]
    public async Task RefusesADeltaWithoutAByte()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        await bench.Connection.GrantAsync(1000, Token);
        await bench.Stream.FeedAsync(Frames.Seal((byte)MessageType.Delta, []), Token);
        Assert.Contains("without a byte", (await bench.FailureAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RefusesMoreUnreadDeltasThanAnySenderHasHoweverSmall()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        await bench.Connection.GrantAsync(ProtocolLimits.InitialCreditBytes, Token);
        var one = Frames.Seal((byte)MessageType.Delta, [0]);
        var all = new byte[one.Length * ProtocolLimits.UnreadDeltaCount];
        for (var at = 0; at < all.Length; at += one.Length)
        {
            one.CopyTo(all, at);
        }

        await bench.Stream.FeedAsync(all, Token);
        Assert.False(bench.Connection.Lost.IsCancellationRequested);
        await bench.Stream.FeedAsync(one, Token);
        await bench.Stream.Closed;
    }

    [Fact]
    public async Task RefusesMoreCreditThanCanBeMeant()
    {
        await using var bench = await ConnectionBench.OpenSenderAsync(Token);
        await bench.FeedAsync(new Credit(ProtocolLimits.CreditBytes), new Credit(1));
        Assert.Equal(ErrorId.ProtocolViolation, (await bench.FailureAsync()).Id);
    }

    [Fact]
    public async Task CancellingAWaitForCreditHarmsNothing()
    {
        await using var session = await SessionPair.OpenAsync(Token);
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var waiting = session.Sender.SendAsync(Literal(0), cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        await session.Receiver.GrantAsync(2 * LiteralBytes, Token);
        await session.Sender.SendAsync(Literal(7), Token);
        Assert.Equal(7, ((DeltaBatch)await session.Receiver.ReceiveAsync(Token)).Records[0].FirstBlock);
    }

    [Fact]
    public async Task AWaitForCreditEndsWithTheSession()
    {
        await using var session = await SessionPair.OpenAsync(Token);
        var waiting = session.Sender.SendAsync(Literal(0), Token).AsTask();
        await session.Receiver.DisposeAsync();
        await Assert.ThrowsAsync<ConnectionException>(() => waiting);
    }

    [Fact]
    public async Task AReceiverThatReadsNothingHoldsNoMoreThanItGranted()
    {
        await using var session = await SessionPair.OpenAsync(Token);
        var size = PayloadOf(Literal(0));
        await session.Receiver.GrantAsync(20 * size, Token);
        for (var block = 0; block < 20; block++)
        {
            // None of these waits for the receiver's owner, who reads nothing.
            await session.Sender.SendAsync(Literal(0), Token);
        }

        var waiting = session.Sender.SendAsync(Literal(0), Token).AsTask();
        Assert.False(waiting.IsCompleted);
        Assert.False(session.Receiver.Lost.IsCancellationRequested);
        await session.Receiver.GrantAsync(size, Token);
        await waiting;
    }

    private static int PayloadOf(DeltaBatch delta) =>
        DeltaBatch.SizeOf(delta.Records[0], ConnectionBench.Format);

    private static DeltaBatch Literal(long block) =>
        new([
            new BlockChange(block, default)
            {
                WrittenPages = PageBitmap.All(16),
                Stored = new byte[LiteralBytes],
            },
        ]);
}
