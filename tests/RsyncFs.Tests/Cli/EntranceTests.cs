using System.Net;
using RsyncFs.Cli.Engine;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Cli;

/// <summary>Whoever makes many connections is in its own way, and in nobody else's.</summary>
public sealed class EntranceTests : IDisposable
{
    private const int AtOnce = 64;
    private const int AtOncePerAddress = 4;
    private const int WaitingPerAddress = 64;
    private const int Waiting = 512;
    private const int FailuresBeforePenalty = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly ManualClock _clock = new();
    private readonly Entrance _entrance;
    private readonly List<string> _turnedAway = [];

    public EntranceTests()
    {
        _entrance = new Entrance(_clock);
    }

    public void Dispose() => _entrance.Dispose();

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2")]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1")]
    public void AnAddressHasItsOwnPlaces(string one, string other)
    {
        var first = Arrive(one, WaitingPerAddress);
        Assert.Equal(AtOncePerAddress, first.Count(HasPlace));
        Assert.Null(TryArrive(one));
        Assert.True(HasPlace(Arrive(other)));

        // A place that is given up, however often, lets one in.
        first[0].Dispose();
        first[0].Dispose();
        Assert.True(HasPlace(first[AtOncePerAddress]));
        Assert.False(HasPlace(first[AtOncePerAddress + 1]));
    }

    /// <summary>Who has one address of a network of IPv6 has them all.</summary>
    [Fact]
    public void ANetworkOfIpv6IsOneAddress()
    {
        _ = Arrive("2001:db8:0:1::1", WaitingPerAddress);
        Assert.Null(TryArrive("2001:db8:0:1:ffff::2"));
    }

    [Fact]
    public void WhoHasGoneIsNotCounted()
    {
        var first = Arrive("192.0.2.1", WaitingPerAddress);
        first.ForEach(newcomer => newcomer.Dispose());
        Assert.True(HasPlace(Arrive("192.0.2.1")));
        Assert.All(first.Skip(AtOncePerAddress), newcomer => Assert.True(newcomer.IsGone));
    }

    /// <summary>It is slowed down, one at a time, and nobody else is.</summary>
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", "192.0.2.2")]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:2::1")]
    [InlineData("127.0.0.1", "127.0.0.1", "127.0.0.2")]
    public void AnAddressFromWhichNobodyGetsInIsLookedAtOneByOneWithAPause(
        string one,
        string next,
        string other
    )
    {
        Fail(one, FailuresBeforePenalty - 1);
        Arrive(next).Dispose();
        Fail(one, 1);
        var first = Arrive(next);
        var second = Arrive(next);
        Arrive(other).Dispose();
        _clock.Advance(Pause - Tick);
        Assert.False(HasPlace(first));
        _clock.Advance(Tick);
        Assert.True(HasPlace(first));
        _clock.Advance(Grace - Tick);
        Assert.False(HasPlace(second));

        // One that fails brings the next another pause.
        Fail(one, 1);
        first.Dispose();
        _clock.Advance(Pause - Tick);
        Assert.False(HasPlace(second));
        _clock.Advance(Tick);
        Assert.True(HasPlace(second));
        Assert.Empty(_turnedAway);
    }

    /// <summary>Else one that says nothing would keep out whoever shares its address.</summary>
    [Fact]
    public void WhoIsSlowGoesWhereItsAddressHasAPenaltyAndTheNextWaits()
    {
        Fail("192.0.2.1", FailuresBeforePenalty);
        var slow = Arrive("192.0.2.1");
        _clock.Advance(Pause);
        Assert.True(HasPlace(slow));
        _clock.Advance(Deadline);
        Assert.False(slow.IsGone);
        var next = Arrive("192.0.2.1");
        Assert.True(slow.IsGone);
        Assert.Equal(["192.0.2.1"], _turnedAway);
        // It has failed, which brings another pause.
        Assert.False(HasPlace(next));
        _clock.Advance(Pause);
        Assert.True(HasPlace(next));
    }

    [Fact]
    public void APenaltyEndsWithTimeOrWithSomebodyWhoIsKnown()
    {
        Fail("192.0.2.1", FailuresBeforePenalty);
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.All(Arrive("192.0.2.1", AtOncePerAddress), newcomer => Assert.True(HasPlace(newcomer)));

        Fail("192.0.2.2", FailuresBeforePenalty);
        var waiting = Arrive("192.0.2.2", AtOncePerAddress);
        Assert.DoesNotContain(waiting, HasPlace);
        _entrance.Succeeded(IPAddress.Parse("192.0.2.2"));
        Assert.All(waiting, newcomer => Assert.True(HasPlace(newcomer)));
    }

    /// <summary>Time goes on between two looks at the clock.</summary>
    [Fact]
    public void WhoComesJustBeforeAPauseEndsIsLetInAllTheSame()
    {
        var address = IPAddress.Parse("192.0.2.1");
        for (var ticks = 0; ticks < 32; ticks++)
        {
            var clock = new CreepingClock();
            using var entrance = new Entrance(clock);
            for (var i = 0; i < FailuresBeforePenalty; i++)
            {
                entrance.Failed(address);
            }

            clock.Advance(Pause - TimeSpan.FromTicks(ticks));
            var newcomer = entrance.TryArrive(address, () => { });
            clock.Advance(Pause);
            Assert.True(HasPlace(newcomer!), $"{ticks} ticks before its end");
        }
    }

    [Fact]
    public void WhoDoesNotWaitOutAPenaltyIsInNobodysWay()
    {
        Fail("192.0.2.1", FailuresBeforePenalty);
        var gone = Arrive("192.0.2.1");
        var next = Arrive("192.0.2.1");
        gone.Dispose();
        _clock.Advance(Pause);
        Assert.True(HasPlace(next));
    }

    [Fact]
    public void WhoeverIsSlowKeepsItsPlaceUntilAllAreTakenAndSomebodyWaits()
    {
        var slow = TakeAllPlaces();
        _clock.Advance(Deadline - Grace);
        Assert.Empty(_turnedAway);
        var next = Arrive("198.51.100.1");
        Assert.True(HasPlace(next));
        Assert.True(slow[0].IsGone);
        Assert.Equal(["192.0.2.1"], _turnedAway);

        // The rest is slow, too; but nobody waits.
        _clock.Advance(Grace);
        Assert.Single(_turnedAway);
    }

    [Fact]
    public void WhoeverHasJustComeOrIsKnownKeepsItsPlace()
    {
        var all = TakeAllPlaces();
        all.ForEach(newcomer => newcomer.Know());
        var next = Arrive("198.51.100.1");
        _clock.Advance(Deadline);
        Assert.False(HasPlace(next));
        all[^1].Dispose();
        Assert.True(HasPlace(next));

        var waits = Arrive("198.51.100.2");
        _clock.Advance(Grace - Tick);
        Assert.False(HasPlace(waits));
        _clock.Advance(Tick);
        Assert.True(HasPlace(waits));
        Assert.Equal(["198.51.100.1"], _turnedAway);
    }

    [Fact]
    public void WhereFewestHaveFailedIsFirstAndKeepsItsPlaceFromThoseThatHaveMore()
    {
        Fail("198.51.100.1", 2);
        Fail("198.51.100.2", 1);
        var all = TakeAllPlaces();
        all.Skip(1).ToList().ForEach(newcomer => newcomer.Know());
        var most = Arrive("198.51.100.1");
        var fewer = Arrive("198.51.100.2");
        _clock.Advance(Deadline);
        Assert.False(HasPlace(most) || HasPlace(fewer));
        var none = Arrive("198.51.100.3");
        Assert.True(HasPlace(none));
        all[^1].Dispose();
        Assert.True(HasPlace(fewer));
        all[^2].Dispose();
        Assert.True(HasPlace(most));
        Assert.Equal(["192.0.2.1"], _turnedAway);
    }

    [Fact]
    public void WhenNobodyMoreMayWaitOneGoesOfTheAddressThatHasMost()
    {
        for (var i = 0; i < Waiting / WaitingPerAddress; i++)
        {
            _ = Arrive($"192.0.2.{i}", WaitingPerAddress);
        }

        var one = Arrive("198.51.100.1", WaitingPerAddress / 2);
        Assert.Equal(one.Count, _turnedAway.Count);
        Assert.True(HasPlace(one[0]));
        // From each the same number, as far as that can be; and none of those that are looked at.
        var eachLost = _turnedAway.CountBy(address => address).ToList();
        Assert.Equal(Waiting / WaitingPerAddress, eachLost.Count);
        Assert.All(eachLost, lost => Assert.Equal(one.Count / eachLost.Count, lost.Value));

        // Those who have as many already are closed themselves.
        _turnedAway.Clear();
        Assert.Null(TryArrive("192.0.2.1"));
        Assert.Empty(_turnedAway);
    }

    /// <summary>They come back whenever they are closed, and say nothing.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(249)]
    [InlineData(447)]
    public void WhoComesFromAnAddressOfItsOwnHasItsTurnHoweverManyOthersFlood(int addressCount)
    {
        var strangers = Enumerable.Range(1, addressCount).Select(i => new IPAddress(i << 8)).ToList();
        var there = new List<(Newcomer Newcomer, long Since)>();
        var longest = TimeSpan.Zero;
        for (var round = 0; round < 20; round++)
        {
            Flood();
            var honest = Arrive("198.51.100.1");
            var begun = _clock.GetTimestamp();
            while (!HasPlace(honest))
            {
                Assert.False(honest.IsGone);
                _clock.Advance(TimeSpan.FromMilliseconds(50));
                Flood();
            }

            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, _clock.GetElapsedTime(begun).Ticks));
            honest.Know();
            honest.Dispose();
            _clock.Advance(TimeSpan.FromMilliseconds(700));
        }

        Assert.True(longest < Deadline, $"{longest}");

        void Flood()
        {
            foreach (var (newcomer, since) in there.ToList())
            {
                if (_clock.GetElapsedTime(since) >= Deadline)
                {
                    _entrance.Failed(newcomer.Network);
                    newcomer.Dispose();
                }
            }

            for (var isOneIn = true; isOneIn; )
            {
                isOneIn = false;
                foreach (var stranger in strangers)
                {
                    if (_entrance.TryArrive(stranger, () => { }) is { } again)
                    {
                        there.Add((again, _clock.GetTimestamp()));
                        isOneIn = true;
                    }
                }
            }

            there.RemoveAll(one => one.Newcomer.IsGone);
            Assert.InRange(there.Count, 1, Waiting);
        }
    }

    /// <summary>Addresses cost nothing, to whoever has a network of them.</summary>
    [Fact]
    public void ABoundedNumberOfAddressesIsRemembered()
    {
        var penalties = new Penalties(_clock);
        for (var i = 0; i < 5000; i++)
        {
            penalties.Failed(new IPAddress(i + 1));
            _clock.Advance(TimeSpan.FromTicks(1));
        }

        Assert.Equal(1024, penalties.Count);
        for (var i = 0; i < FailuresBeforePenalty; i++)
        {
            penalties.Failed(new IPAddress(5000));
        }

        Assert.NotNull(penalties.WaitOf(new IPAddress(5000), _clock.GetTimestamp()));
        Assert.Equal(1024, penalties.Count);
    }

    private void Fail(string address, int count)
    {
        for (var i = 0; i < count; i++)
        {
            _entrance.Failed(IPAddress.Parse(address));
        }
    }

    private List<Newcomer> TakeAllPlaces()
    {
        var all = Enumerable
            .Range(1, AtOnce / AtOncePerAddress)
            .SelectMany(i => Arrive($"192.0.2.{i}", AtOncePerAddress))
            .ToList();
        Assert.All(all, newcomer => Assert.True(HasPlace(newcomer)));
        return all;
    }

    private static bool HasPlace(Newcomer newcomer) => newcomer.Placed.IsCompleted;

    private Newcomer? TryArrive(string address) =>
        _entrance.TryArrive(IPAddress.Parse(address), () => _turnedAway.Add(address));

    private Newcomer Arrive(string address)
    {
        var newcomer = TryArrive(address);
        Assert.NotNull(newcomer);
        return newcomer;
    }

    private List<Newcomer> Arrive(string address, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Arrive(address))];
}
