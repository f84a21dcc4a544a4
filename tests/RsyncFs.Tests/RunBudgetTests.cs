using RsyncFs.Protocol;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

public sealed class RunBudgetTests
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void WithoutLimitsThereIsAlwaysSomethingLeft()
    {
        var budget = new RunBudget(_clock, time: null, sendBytes: null);
        budget.Count(long.MaxValue);
        _clock.Advance(TimeSpan.FromDays(10_000));
        Assert.Equal((null, null, false), (budget.LeftTime, budget.LeftBytes, budget.IsTimeOver));
    }

    [Fact]
    public void CountsWhatWasSentAndTheTimeSinceItBegan()
    {
        var budget = new RunBudget(_clock, TimeSpan.FromMinutes(10), 1000);
        budget.Count(300);
        _clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal((TimeSpan.FromMinutes(6), 700L), (budget.LeftTime, budget.LeftBytes));
        budget.Count(800);
        Assert.Equal(-100, budget.LeftBytes);
        Assert.False(budget.IsTimeOver);
        _clock.Advance(TimeSpan.FromMinutes(6));
        Assert.True(budget.IsTimeOver);
    }

    [Fact]
    public void ATimerEndsWithTheTime()
    {
        var budget = new RunBudget(_clock, TimeSpan.FromSeconds(10), sendBytes: null);
        _clock.Advance(TimeSpan.FromSeconds(4));
        using var timer = budget.CreateTimer();
        _clock.Advance(TimeSpan.FromSeconds(5.9));
        Assert.False(timer.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(timer.IsCancellationRequested);
        using var late = budget.CreateTimer();
        _clock.Advance(TimeSpan.Zero);
        Assert.True(late.IsCancellationRequested);
        using var never = new RunBudget(_clock, TimeSpan.FromDays(36_525), null).CreateTimer();
        Assert.False(never.IsCancellationRequested);
    }

    /// <summary>Cycles that share a budget see what the others have sent, and count their own once.</summary>
    [Fact]
    public async Task CyclesShareABudget()
    {
        var token = TestContext.Current.CancellationToken;
        var budget = new RunBudget(_clock, time: null, 10_000);
        await using var first = new Connection(
            StreamPair.Create().Sender,
            _clock,
            "first",
            ProtocolRole.Sender
        );
        await using var second = new Connection(
            StreamPair.Create().Sender,
            _clock,
            "second",
            ProtocolRole.Sender
        );
        var one = new CycleBudget(budget, first);
        var other = new CycleBudget(budget, second);
        await first.SendAsync(new RsyncFs.Protocol.Messages.Hello(1, 1, "", ""), token);
        Assert.True(one.HasRoomFor(1000));
        one.Settle();
        Assert.Equal(10_000 - first.BytesSent, budget.LeftBytes);
        await second.SendAsync(new RsyncFs.Protocol.Messages.Hello(1, 1, "", ""), token);
        Assert.True(other.HasRoomFor(1000));
        Assert.Equal(10_000 - first.BytesSent - second.BytesSent, budget.LeftBytes);
        Assert.False(one.HasRoomFor(9000));
        budget.Count(9000);
        Assert.False(other.HasRoomFor(0));
    }
}
