using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Engine.Jobs;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Cli.Jobs;

/// <summary>What is told of jobs, and how often.</summary>
public sealed class NotifyRouteTests
{
    private static readonly JobPlace A = new("db01", "backup1");
    private static readonly JobPlace B = new("mail", "dr2");
    private static readonly Dictionary<string, string> Nothing = new(StringComparer.Ordinal);

    private readonly ManualClock _clock = new();
    private readonly List<NotifyEvent> _told = [];

    [Fact]
    public void TroubleIsToldOnceAgainAfterATimeAndItsEnd()
    {
        var route = Route(
            new NotifyRule
            {
                On = [NotifyEvent.Failed, NotifyEvent.Recovered],
                Run = ["/bin/page"],
                Timeout = TimeSpan.FromSeconds(1),
                RemindEvery = TimeSpan.FromHours(6),
            }
        );
        route.Succeed(A, Nothing);
        Assert.Empty(_told);
        for (var hour = 0; hour <= 7; hour++)
        {
            route.Trouble(A, NotifyEvent.Failed, Nothing);
            route.Trouble(A, NotifyEvent.Lagging, Nothing);
            _clock.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal([NotifyEvent.Failed, NotifyEvent.Failed], _told);
        route.Succeed(A, Nothing);
        route.Succeed(A, Nothing);
        route.Trouble(A, NotifyEvent.Failed, Nothing);
        Assert.Equal([NotifyEvent.Recovered, NotifyEvent.Failed], _told[2..]);
    }

    [Fact]
    public void WhoDoesNotAskForFencedHearsThatItFailed()
    {
        var route = Route(Page(NotifyEvent.Failed));
        route.Trouble(A, NotifyEvent.Fenced, Nothing);
        Assert.Equal([NotifyEvent.Failed], _told);
        route = Route(Page(NotifyEvent.Failed, NotifyEvent.Fenced));
        route.Trouble(A, NotifyEvent.Fenced, Nothing);
        Assert.Equal([NotifyEvent.Failed, NotifyEvent.Fenced], _told);
    }

    [Fact]
    public void EachKindOfTroubleIsToldThoughTheyTakeTurns()
    {
        var route = Route(Page(NotifyEvent.Failed, NotifyEvent.Lagging));
        for (var time = 0; time < 3; time++)
        {
            route.Trouble(A, NotifyEvent.Failed, Nothing);
            route.Trouble(A, NotifyEvent.Lagging, Nothing);
        }

        Assert.Equal([NotifyEvent.Failed, NotifyEvent.Lagging], _told);
    }

    [Fact]
    public void WhoHearsOfNoTroubleHearsOfItsEnd()
    {
        var route = Route(Page(NotifyEvent.Recovered));
        route.Trouble(A, NotifyEvent.Failed, Nothing);
        route.Succeed(A, Nothing);
        Assert.Equal([NotifyEvent.Recovered], _told);
    }

    [Fact]
    public void APingIsMadeWhenAllHaveSucceededEachAnew()
    {
        var route = Route(Ping(every: TimeSpan.FromMinutes(5)));
        route.Succeed(A, Nothing);
        route.Succeed(A, Nothing);
        Assert.Empty(_told);
        route.Succeed(B, Nothing);
        Assert.Equal([NotifyEvent.Success], _told);
        _clock.Advance(TimeSpan.FromMinutes(6));
        route.Succeed(A, Nothing);
        // The other one hangs, or fails: whoever waits for the ping is to miss it.
        route.Trouble(B, NotifyEvent.Failed, Nothing);
        route.Succeed(A, Nothing);
        Assert.Single(_told);
        route.Succeed(B, Nothing);
        Assert.Equal(2, _told.Count);
    }

    [Fact]
    public void ADestinationThatFailedLastIsNotWell()
    {
        var route = Route(Ping(TimeSpan.Zero));
        route.Succeed(A, Nothing);
        route.Trouble(A, NotifyEvent.Failed, Nothing);
        route.Succeed(B, Nothing);
        Assert.Empty(_told);
    }

    [Fact]
    public void SuccessIsToldAtMostSoOften()
    {
        var route = Route(Page(NotifyEvent.Success) with { Every = TimeSpan.FromMinutes(5) });
        for (var minute = 0; minute <= 10; minute++)
        {
            route.Succeed(A, Nothing);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(3, _told.Count);
    }

    [Fact]
    public void NothingIsToldOfOtherJobs()
    {
        var route = Route(Page(NotifyEvent.Failed) with { Jobs = ["mail"] });
        route.Trouble(A, NotifyEvent.Failed, Nothing);
        Assert.Empty(_told);
        route.Trouble(B, NotifyEvent.Failed, Nothing);
        Assert.Single(_told);
    }

    [Fact]
    public void ADestinationThatIsGoneIsNotWaitedFor()
    {
        var route = Route(Ping(TimeSpan.Zero));
        route.Succeed(A, Nothing);
        route.Expect([A]);
        route.Succeed(A, Nothing);
        Assert.Equal([NotifyEvent.Success], _told);
    }

    [Fact]
    public void ADestinationThatFallsBehindIsFoundThoughNothingHappens()
    {
        var lags = new List<TimeSpan>();
        using var watch = new LagWatch(TimeSpan.FromMinutes(1), lags.Add, _clock);
        _clock.Advance(TimeSpan.FromSeconds(50));
        watch.Begin(_clock.GetTimestamp());
        _clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Empty(lags);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([TimeSpan.FromMinutes(1)], lags);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(2, lags.Count);
        watch.Begin(_clock.GetTimestamp());
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(2, lags.Count);
    }

    private static NotifyRule Page(params NotifyEvent[] on) =>
        new()
        {
            On = on,
            Run = ["/bin/page"],
            Timeout = TimeSpan.FromSeconds(1),
        };

    private static NotifyRule Ping(TimeSpan every) =>
        new()
        {
            On = [NotifyEvent.Success],
            Ping = new Uri("https://hc.example.net/ping"),
            Timeout = TimeSpan.FromSeconds(1),
            Every = every,
        };

    private NotifyRoute Route(NotifyRule rule)
    {
        var route = new NotifyRoute(rule, (told, _) => _told.Add(told), _clock);
        route.Expect([A, B]);
        return route;
    }
}
