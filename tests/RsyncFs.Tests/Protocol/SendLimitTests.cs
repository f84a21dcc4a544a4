using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Protocol;

/// <summary>A connection that may send so many bytes a second: what it writes, when, and what its peer makes of it.</summary>
public sealed class SendLimitTests
{
    private const int LargestBlock = 4 * 1024 * 1024;
    private const int FewBytesPerSecond = 100_000;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AFrameIsWrittenInPiecesAsTimeGoesOn()
    {
        await using var bench = await OpenLimitedAsync();
        var before = bench.Stream.Written.Length;
        var sentBefore = bench.Connection.BytesSent;
        var frame = Frames.Encode(Literal(0, 65536), ConnectionBench.Format);
        var begun = bench.Clock.GetTimestamp();
        var sending = bench.Connection.SendAsync(Literal(0, 65536), Token).AsTask();
        // A tenth of a second may go at once: two pieces.
        Assert.Equal(before + 8192, bench.Stream.Written.Length);
        Assert.Equal(sentBefore + 8192, bench.Connection.BytesSent);
        await AdvanceUntilAsync(
            bench.Clock,
            sending,
            () =>
            {
                var most = 10_000 + (bench.Clock.GetElapsedTime(begun).TotalSeconds * FewBytesPerSecond);
                Assert.InRange(bench.Stream.Written.Length - before, 8192, most);
                return true;
            }
        );
        Assert.Equal(frame, bench.Stream.Written[before..]);
        Assert.Equal(sentBefore + frame.Length, bench.Connection.BytesSent);
    }

    /// <summary>The reason for the least rate: the largest frame there is, at it, to a peer that looks at its deadlines.</summary>
    [Fact]
    public async Task AtTheLeastRateTheLargestFrameIsNoStall()
    {
        await using var session = await OpenWithCreditAsync(LargestBlock);
        session.Sender.SendLimitBytesPerSecond = ProtocolLimits.MinSendBytesPerSecond;
        var begun = session.Clock.GetTimestamp();
        var sending = session.Sender.SendAsync(Literal(1, LargestBlock), Token).AsTask();
        await AdvanceUntilAsync(session.Clock, sending, () => HasReadAll(session));
        var took = session.Clock.GetElapsedTime(begun);
        Assert.InRange(took, TimeSpan.FromSeconds(63.8), TimeSpan.FromSeconds(64.2));
        var deadline = ProtocolLimits.FrameDeadline(LargestBlock);
        Assert.True(deadline - took > TimeSpan.FromSeconds(9.8), $"{took} of {deadline}");
        Assert.IsType<DeltaBatch>(await session.Receiver.ReceiveAsync(Token));
        Assert.False(session.Sender.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task WhatIsNoDeltaWaitsForOneFrameAndNotForMore()
    {
        await using var session = await OpenWithCreditAsync(blockSize: 65536);
        session.Sender.SendLimitBytesPerSecond = FewBytesPerSecond;
        var sending = Task.WhenAll(
            session.Sender.SendAsync(Literal(1, 65536), Token).AsTask(),
            session.Sender.SendAsync(Literal(2, 65536), Token).AsTask(),
            session.Sender.SendAsync(Literal(3, 65536), Token).AsTask(),
            session.Sender.SendAsync(new Checkpoint(1, default, false), Token).AsTask()
        );
        await AdvanceUntilAsync(session.Clock, sending, () => HasReadAll(session));
        Assert.IsType<DeltaBatch>(await session.Receiver.ReceiveAsync(Token));
        Assert.IsType<Checkpoint>(await session.Receiver.ReceiveAsync(Token));
        Assert.IsType<DeltaBatch>(await session.Receiver.ReceiveAsync(Token));
        Assert.IsType<DeltaBatch>(await session.Receiver.ReceiveAsync(Token));
    }

    [Fact]
    public async Task ALimitThatIsTakenAwayMeanwhileHoldsNoLongerThanAPiece()
    {
        await using var bench = await OpenLimitedAsync();
        var sending = bench.Connection.SendAsync(Literal(0, 65536), Token).AsTask();
        bench.Connection.SendLimitBytesPerSecond = null;
        Assert.False(sending.IsCompleted);
        bench.Clock.Advance(TimeSpan.FromMilliseconds(41));
        await sending;
    }

    [Fact]
    public async Task ALimitThatComesMeanwhileHoldsForWhatIsNotSentYet()
    {
        await using var bench = await OpenLimitedAsync(limit: null);
        await bench.Connection.SendAsync(Literal(0, 65536), Token);
        bench.Connection.SendLimitBytesPerSecond = FewBytesPerSecond;
        var before = bench.Stream.Written.Length;
        var sending = bench.Connection.SendAsync(Literal(1, 65536), Token).AsTask();
        Assert.Equal(before + 8192, bench.Stream.Written.Length);
        await AdvanceUntilAsync(bench.Clock, sending, () => true);
    }

    [Fact]
    public async Task AFrameThatWasNotBegunCanBeGivenUp()
    {
        await using var bench = await OpenLimitedAsync();
        for (var i = 0; i < 8; i++)
        {
            // A little more than 1 KiB each: together they leave less of the burst than a piece.
            await bench.Connection.SendAsync(new AuditQuery([.. Enumerable.Range(0, 1024)]), Token);
        }

        var before = bench.Stream.Written;
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var sending = bench.Connection.SendAsync(Literal(0, 65536), cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Equal(before, bench.Stream.Written);
        sending = bench.Connection.SendAsync(Literal(0, 65536), Token).AsTask();
        await AdvanceUntilAsync(bench.Clock, sending, () => true);
    }

    [Fact]
    public async Task AFrameThatIsGivenUpHalfWayEndsTheSession()
    {
        await using var bench = await OpenLimitedAsync();
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var sending = bench.Connection.SendAsync(Literal(0, 65536), cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.Equal(ErrorId.ConnectionLost, (await bench.FailureAsync()).Id);
    }

    [Fact]
    public async Task WhoWaitsForLeaveEndsWithTheSession()
    {
        await using var session = await OpenWithCreditAsync(blockSize: 65536);
        session.Sender.SendLimitBytesPerSecond = FewBytesPerSecond;
        var sending = session.Sender.SendAsync(Literal(1, 65536), session.Sender.Lost).AsTask();
        Assert.False(sending.IsCompleted);
        await session.Receiver.DisposeAsync();
        await Assert.ThrowsAsync<ConnectionException>(() => sending);
    }

    [Fact]
    public async Task ALimitThatThePeerCouldNotBearIsADefect()
    {
        await using var bench = await OpenLimitedAsync(limit: null);
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            bench.Connection.SendLimitBytesPerSecond = ProtocolLimits.MinSendBytesPerSecond - 1
        );
        Assert.Null(bench.Connection.SendLimitBytesPerSecond);
    }

    private static async Task<ConnectionBench> OpenLimitedAsync(long? limit = FewBytesPerSecond)
    {
        var bench = await ConnectionBench.OpenSenderAsync(Token);
        await bench.FeedAsync(new Credit(ProtocolLimits.InitialCreditBytes));
        bench.Connection.SendLimitBytesPerSecond = limit;
        return bench;
    }

    /// <summary>A session in which no Delta waits for anything but the limit.</summary>
    private static async Task<SessionPair> OpenWithCreditAsync(int blockSize)
    {
        var session = await SessionPair.OpenAsync(Token);
        var format = new SessionFormat(new BlockLayout(1_000_000_000, blockSize), 16);
        session.Sender.UseFormat(format);
        session.Receiver.UseFormat(format);
        await session.Receiver.GrantAsync(ProtocolLimits.InitialCreditBytes, Token);
        // Once this is sent the credit has come.
        await session.Sender.SendAsync(new DeltaBatch([new ZeroRun(0, 1)]), Token);
        Assert.IsType<DeltaBatch>(await session.Receiver.ReceiveAsync(Token));
        return session;
    }

    /// <summary>Lets time pass until it is done; each step only when the one before has done what it had to.</summary>
    private static async Task AdvanceUntilAsync(ManualClock clock, Task sending, Func<bool> isStepDone)
    {
        while (!sending.IsCompleted)
        {
            clock.Advance(Step);
            do
            {
                await Task.Yield();
            } while (!isStepDone());
        }

        await sending;
    }

    private static bool HasReadAll(SessionPair session) =>
        session.Receiver.BytesReceived >= session.Sender.BytesSent
        && session.Sender.BytesReceived >= session.Receiver.BytesSent;

    private static DeltaBatch Literal(long block, int length) =>
        new([
            new BlockChange(block, default)
            {
                WrittenPages = PageBitmap.All(length / 4096),
                Stored = new byte[length],
            },
        ]);
}
