using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using Xunit;

namespace RsyncFs.Tests.Protocol;

public sealed class LivenessTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DropsACallerThatSaysNothing()
    {
        await using var bench = ConnectionBench.Create(ProtocolRole.Receiver, Token);
        bench.Clock.Advance(10 * Second);
        Assert.False(bench.Connection.Lost.IsCancellationRequested);

        bench.Clock.Advance(Second);
        var error = await bench.FailureAsync();
        Assert.Equal(ErrorId.Stalled, error.Id);
        Assert.Equal("peer:7", error.Where);
        Assert.True(bench.Connection.Lost.IsCancellationRequested);
        await bench.Stream.Closed;
    }

    [Fact]
    public async Task DropsACallerThatNeverNamesATarget()
    {
        await using var bench = ConnectionBench.Create(ProtocolRole.Receiver, Token);
        await bench.FeedAsync(new Hello(1, 1, "", ""));
        bench.Clock.Advance(11 * Second);
        Assert.Equal(ErrorId.Stalled, (await bench.FailureAsync()).Id);
    }

    [Fact]
    public async Task DropsASilentPeerAfterThirtySeconds()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        bench.Clock.Advance(30 * Second);
        Assert.False(bench.Connection.Lost.IsCancellationRequested);

        bench.Clock.Advance(Second);
        var error = await bench.FailureAsync();
        Assert.Equal(ErrorId.Stalled, error.Id);
        Assert.Contains("nothing was received for 31 seconds", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HeartbeatsThatGetSomewhereKeepASessionAlive()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        for (var minute = 0; minute < 100; minute++)
        {
            bench.Clock.Advance(25 * Second);
            await bench.FeedAsync(new Heartbeat(SessionPhase.Scan, minute));
        }

        Assert.False(bench.Connection.Lost.IsCancellationRequested);
    }

    [Theory]
    [InlineData(SessionPhase.Scan, 60)]
    [InlineData(SessionPhase.Compare, 60)]
    [InlineData(SessionPhase.Transfer, 60)]
    [InlineData(SessionPhase.Apply, 60)]
    [InlineData(SessionPhase.Flush, 600)]
    [InlineData(SessionPhase.Idle, 600)]
    public async Task DropsAPeerThatIsAliveButGetsNowhere(SessionPhase phase, int deadlineSeconds)
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        await bench.FeedAsync(new Heartbeat(phase, 5));
        for (var second = 0; second < deadlineSeconds; second += 10)
        {
            bench.Clock.Advance(10 * Second);
            Assert.False(bench.Connection.Lost.IsCancellationRequested);
            await bench.FeedAsync(new Heartbeat(phase, 5));
        }

        bench.Clock.Advance(Second);
        var error = await bench.FailureAsync();
        Assert.Equal(ErrorId.Stalled, error.Id);
        Assert.Contains($"nowhere in phase {phase}", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Both ends are this process: a slow machine is no dead line, but a device may hang.</summary>
    [Fact]
    public async Task InOneProcessOnlyAnEndThatGetsNowhereIsDropped()
    {
        await using var bench = ConnectionBench.Create(ProtocolRole.Receiver, Token, isInProcess: true);
        bench.Clock.Advance(60 * Second);
        Assert.False(bench.Connection.Lost.IsCancellationRequested);
        await bench.FeedAsync(new Hello(1, 1, "", ""));
        await bench.FeedAsync(new Heartbeat(SessionPhase.Scan, 5));
        bench.Clock.Advance(60 * Second);
        Assert.False(bench.Connection.Lost.IsCancellationRequested);

        bench.Clock.Advance(Second);
        var error = await bench.FailureAsync();
        Assert.Equal(ErrorId.Stalled, error.Id);
        Assert.Contains("nowhere in phase Scan", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DoesNotBlameAPeerThatWaitsWhileThisEndWorks()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        bench.Connection.Report(SessionPhase.Flush, 0);
        for (var beat = 0; beat < 100; beat++)
        {
            await bench.FeedAsync(new Heartbeat(SessionPhase.Idle, 0));
            bench.Clock.Advance(20 * Second);
        }

        Assert.False(bench.Connection.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task AnyMessageIsProgress()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        for (var beat = 0; beat < 20; beat++)
        {
            await bench.FeedAsync(new Heartbeat(SessionPhase.Scan, 0), new SignatureQuery(0, 1));
            bench.Clock.Advance(25 * Second);
        }

        Assert.False(bench.Connection.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task DropsAPeerWhoseFrameTrickles()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        var frame = Frames.Seal((byte)MessageType.AuditQuery, new byte[32 * 1024]);
        var fed = 0;
        for (; fed < 10; fed++)
        {
            await bench.Stream.FeedAsync(frame.AsMemory(fed * 20, 20), Token);
            bench.Clock.Advance(Second);
            Assert.False(bench.Connection.Lost.IsCancellationRequested);
        }

        await bench.Stream.FeedAsync(frame.AsMemory(fed * 20, 20), Token);
        bench.Clock.Advance(Second);
        var error = await bench.FailureAsync();
        Assert.Equal(ErrorId.Stalled, error.Id);
        Assert.Contains("a frame of 32768 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALargeFrameHasTheTimeThatTheSlowestLineNeeds()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        await bench.Connection.GrantAsync(1 << 20, Token);
        await bench.Stream.FeedAsync(Frames.Claim((byte)MessageType.Delta, 1 << 20), Token);
        bench.Clock.Advance(26 * Second);
        Assert.False(bench.Connection.Lost.IsCancellationRequested);
        bench.Clock.Advance(Second);
        Assert.Equal(ErrorId.Stalled, (await bench.FailureAsync()).Id);
    }

    [Fact]
    public async Task AProcessThatSleptDoesNotBlameItsPeer()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        await bench.FeedAsync(new Heartbeat(SessionPhase.Scan, 5));
        bench.Clock.Jump(TimeSpan.FromHours(8));
        Assert.False(bench.Connection.Lost.IsCancellationRequested);

        bench.Clock.Advance(30 * Second);
        Assert.False(bench.Connection.Lost.IsCancellationRequested);
        bench.Clock.Advance(Second);
        Assert.Equal(ErrorId.Stalled, (await bench.FailureAsync()).Id);
    }

    [Fact]
    public async Task BeatsWhenNothingElseWasSentAndSaysWhatItDoes()
    {
        await using var bench = await ConnectionBench.OpenReceiverAsync(Token);
        var before = bench.Stream.Written.Length;
        bench.Connection.Report(SessionPhase.Apply, 12345);
        bench.Clock.Advance(9 * Second);
        Assert.Equal(before, bench.Stream.Written.Length);

        bench.Clock.Advance(Second);
        var expected = Frames.Encode(new Heartbeat(SessionPhase.Apply, 12345), null);
        await bench.Stream.WhenWrittenAsync(before + expected.Length, Token);
        Assert.Equal(expected, bench.Stream.Written[before..]);
    }

    [Fact]
    public async Task WhoWaitsForCreditSaysIdle()
    {
        await using var bench = await ConnectionBench.OpenSenderAsync(Token);
        bench.Connection.Report(SessionPhase.Transfer, 1);
        var before = bench.Stream.Written.Length;
        var sending = bench.Connection.SendAsync(new DeltaBatch([new ZeroRun(0, 1)]), Token).AsTask();
        bench.Clock.Advance(10 * Second);
        var expected = Frames.Encode(new Heartbeat(SessionPhase.Idle, 1), null);
        await bench.Stream.WhenWrittenAsync(before + expected.Length, Token);
        Assert.Equal(expected, bench.Stream.Written[before..]);
        Assert.False(sending.IsCompleted);
        await bench.FeedAsync(new Credit(1000));
        await sending;
    }

    /// <summary>It beats, says that it waits, and gives no credit: nobody works, whatever the sender is at.</summary>
    [Fact]
    public async Task DropsAReceiverThatWaitsForWhoeverWaitsForIt()
    {
        await using var bench = await ConnectionBench.OpenSenderAsync(Token);
        bench.Connection.Report(SessionPhase.Transfer, 1);
        var sending = bench.Connection.SendAsync(new DeltaBatch([new ZeroRun(0, 1)]), Token).AsTask();
        for (var second = 0; second < 600; second += 10)
        {
            bench.Clock.Advance(10 * Second);
            Assert.False(bench.Connection.Lost.IsCancellationRequested);
            await bench.FeedAsync(new Heartbeat(SessionPhase.Idle, 0));
        }

        bench.Clock.Advance(Second);
        var error = await Assert.ThrowsAsync<ConnectionException>(() => sending);
        Assert.Equal(ErrorId.Stalled, error.Id);
        Assert.Contains("nowhere in phase Idle", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AWriteThatBlocksEndsWithTheSession()
    {
        await using var bench = await ConnectionBench.OpenSenderAsync(Token);
        bench.Stream.BlocksWrites = true;
        var sending = bench.Connection.SendAsync(new AuditQuery([1, 2, 3]), Token).AsTask();
        bench.Clock.Advance(31 * Second);
        var error = await Assert.ThrowsAsync<ConnectionException>(() => sending);
        Assert.Equal(ErrorId.Stalled, error.Id);
    }
}
