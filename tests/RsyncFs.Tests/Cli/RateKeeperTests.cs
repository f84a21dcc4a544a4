using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Engine;
using RsyncFs.Protocol;
using RsyncFs.Tests.Protocol;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class RateKeeperTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task AConnectionIsKeptAtTheRateThatHoldsNow()
    {
        await using var bench = ConnectionBench.Create(
            ProtocolRole.Sender,
            TestContext.Current.CancellationToken,
            isInProcess: true
        );
        // Whatever the time of this place is: a rule that begins with the next minute and lasts for one.
        var next = TimeOnly.FromDateTime(bench.Clock.GetLocalNow().DateTime).AddMinutes(1);
        var rule = new RateRule(new Rate(100_000))
        {
            From = new TimeOnly(next.Hour, next.Minute),
            To = new TimeOnly(next.Hour, next.Minute).AddMinutes(1),
        };
        var control = new RateControl(new RateSchedule([rule, new RateRule(new Rate(200_000))]));
        using var keeper = new RateKeeper(bench.Connection, control, bench.Clock);
        Assert.Equal(200_000, bench.Connection.SendLimitBytesPerSecond);
        bench.Clock.Advance(60 * Second);
        Assert.Equal(100_000, bench.Connection.SendLimitBytesPerSecond);
        control.Override = Rate.Unlimited;
        bench.Clock.Advance(Second);
        Assert.Null(bench.Connection.SendLimitBytesPerSecond);
        control.Override = null;
        bench.Clock.Advance(Second);
        Assert.Equal(100_000, bench.Connection.SendLimitBytesPerSecond);
        bench.Clock.Advance(60 * Second);
        Assert.Equal(200_000, bench.Connection.SendLimitBytesPerSecond);
    }
}
