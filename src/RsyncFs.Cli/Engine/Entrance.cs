using System.Net;
using System.Net.Sockets;

namespace RsyncFs.Cli.Engine;

/// <summary>
/// How many connections are there before it is known who they are, and how many of them are looked at: the rest waits,
/// with nothing but a socket. Each address has its own few places, so that one that makes many connections is in its own
/// way; one from which nobody gets in has less (<see cref="ReceptionLimits.Penalty"/>). Where many addresses are at it,
/// those go first from which fewest have failed; whoever is slow to say who it is goes when all places are taken
/// (<see cref="ReceptionLimits.Grace"/>); and when nobody more may wait, one goes of the address of which most wait. So
/// one that comes from an address of its own gets its turn, as long as others come from fewer addresses than may wait.
/// For several threads.
/// </summary>
internal sealed class Entrance : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly Penalties _penalties;
    private readonly ITimer _timer;

    // Of each address in the order in which they came; so those with a place are before those without.
    private readonly Dictionary<IPAddress, List<Newcomer>> _byAddress = [];
    private readonly List<Newcomer> _placed = [];
    private int _count;
    private long _lastNumber;

    // The time of all that is decided in one go. Were the clock read again for each question, a pause might be over for the
    // one that asks when to wake up, and not yet for the one before it, whose turn it is: nobody would wake up.
    private long _now;

    /// <param name="clock">Tells time.</param>
    public Entrance(TimeProvider clock)
    {
        _clock = clock;
        _penalties = new Penalties(clock);
        _timer = clock.CreateTimer(
            _ => Do(LetIn),
            state: null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
    }

    /// <summary>Takes a connection in, to be looked at when its turn comes. Null if too many wait already.</summary>
    /// <param name="address">The other end's.</param>
    /// <param name="turnAway">Called at most once, on any thread, when it must go because of others.</param>
    public Newcomer? TryArrive(IPAddress address, Action turnAway)
    {
        Newcomer? newcomer = null;
        Do(turnedAway =>
        {
            var network = NetworkOf(address);
            var there = _byAddress.GetValueOrDefault(network) ?? [];
            if (there.Count >= ReceptionLimits.MaxWaitingPerAddress || !TryMakeRoom(there.Count, turnedAway))
            {
                return;
            }

            newcomer = new Newcomer(this, network, ++_lastNumber, turnAway);
            there.Add(newcomer);
            _byAddress[network] = there;
            _count++;
            LetIn(turnedAway);
        });
        return newcomer;
    }

    /// <summary>A connection from there ended before it was known who is there. To be said before its place is given up.</summary>
    public void Failed(IPAddress address) => _penalties.Failed(NetworkOf(address));

    /// <summary>Somebody who is known came from there.</summary>
    public void Succeeded(IPAddress address) =>
        Do(turnedAway =>
        {
            _penalties.Succeeded(NetworkOf(address));
            LetIn(turnedAway);
        });

    /// <summary>It is known who <paramref name="newcomer"/> is.</summary>
    public void Know(Newcomer newcomer)
    {
        lock (_gate)
        {
            newcomer.IsKnown = true;
        }
    }

    /// <summary><paramref name="newcomer"/> needs nothing here any more.</summary>
    public void Leave(Newcomer newcomer) =>
        Do(turnedAway =>
        {
            if (!newcomer.IsGone)
            {
                Remove(newcomer);
                LetIn(turnedAway);
            }
        });

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private static IPAddress NetworkOf(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(ReceptionLimits.Ipv6NetworkBytes).Clear();
        return new IPAddress(bytes);
    }

    /// <summary>Does something under the lock, and then tells those that must go because of it.</summary>
    private void Do(Action<List<Newcomer>> what)
    {
        var turnedAway = new List<Newcomer>();
        lock (_gate)
        {
            _now = _clock.GetTimestamp();
            what(turnedAway);
        }

        turnedAway.ForEach(newcomer => newcomer.TurnAway());
    }

    /// <summary>Room for one more from an address that has <paramref name="ownCount"/>; false if no other has more than it would have then.</summary>
    private bool TryMakeRoom(int ownCount, List<Newcomer> turnedAway)
    {
        if (_count < ReceptionLimits.MaxWaiting)
        {
            return true;
        }

        var most = _byAddress.Values.Where(there => !there[^1].HasPlace).MaxBy(there => there.Count);
        if (most is null || most.Count <= ownCount + 1)
        {
            return false;
        }

        turnedAway.Add(most[^1]);
        Remove(most[^1]);
        return true;
    }

    private void Remove(Newcomer newcomer)
    {
        newcomer.IsGone = true;
        _placed.Remove(newcomer);
        _count--;
        var there = _byAddress[newcomer.Network];
        there.Remove(newcomer);
        if (there.Count == 0)
        {
            _byAddress.Remove(newcomer.Network);
        }
    }

    /// <summary>Gives places to those whose turn it is, and wakes up when the next turn may come by itself.</summary>
    private void LetIn(List<Newcomer> turnedAway)
    {
        while (FindNext() is { } next)
        {
            if (next.InItsWay is not { } slow)
            {
                next.Newcomer.Place(_now);
                _placed.Add(next.Newcomer);
                continue;
            }

            _penalties.Failed(slow.Network);
            Remove(slow);
            turnedAway.Add(slow);
        }

        var wait = _count > _placed.Count ? NextChange() : Timeout.InfiniteTimeSpan;
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whose turn it is, and who must go for that; null if nobody's.</summary>
    private (Newcomer Newcomer, Newcomer? InItsWay)? FindNext()
    {
        (Newcomer Newcomer, Newcomer? InItsWay)? next = null;
        var nextRank = (int.MaxValue, int.MaxValue, long.MaxValue);
        var slowest = _placed.Count < ReceptionLimits.MaxAtOnce ? null : SlowestOf(_placed);
        foreach (var (network, there) in _byAddress)
        {
            var placedCount = there.TakeWhile(newcomer => newcomer.HasPlace).Count();
            var wait = _penalties.WaitOf(network, _now);
            if (placedCount == there.Count || wait > TimeSpan.Zero)
            {
                continue;
            }

            var first = there[placedCount];
            var rank = (_penalties.FailuresOf(network, _now), placedCount, first.Number);
            if (
                rank.CompareTo(nextRank) < 0
                && IsPlaceFor(first, placedCount, hasPenalty: wait is not null, slowest, out var inItsWay)
            )
            {
                (next, nextRank) = ((first, inItsWay), rank);
            }
        }

        return next;
    }

    /// <summary>True if there is a place for it, or if there is one when somebody has gone who is in its way.</summary>
    private bool IsPlaceFor(
        Newcomer first,
        int placedCount,
        bool hasPenalty,
        Newcomer? slowest,
        out Newcomer? inItsWay
    )
    {
        inItsWay = null;
        if (placedCount >= (hasPenalty ? 1 : ReceptionLimits.MaxAtOncePerAddress))
        {
            inItsWay = hasPenalty ? SlowestOf(_byAddress[first.Network]) : null;
            return inItsWay is not null;
        }

        if (_placed.Count < ReceptionLimits.MaxAtOnce)
        {
            return true;
        }

        inItsWay = slowest;
        // Whoever is slow on a bad line is not in the way of those that have failed more often.
        return slowest is not null
            && _penalties.FailuresOf(slowest.Network, _now) >= _penalties.FailuresOf(first.Network, _now);
    }

    /// <summary>The one that has been slow for longest to say who it is, of the address from which most have failed; null if none is slow.</summary>
    private Newcomer? SlowestOf(List<Newcomer> some) =>
        some.Where(one => !one.IsKnown && GraceLeftOf(one) <= TimeSpan.Zero)
            .OrderByDescending(one => _penalties.FailuresOf(one.Network, _now))
            .ThenBy(one => one.PlacedAt)
            .FirstOrDefault();

    /// <summary>How long one may keep its place though others wait; for ever, before it has one.</summary>
    private TimeSpan GraceLeftOf(Newcomer newcomer) =>
        newcomer.PlacedAt is { } since
            ? ReceptionLimits.Grace - _clock.GetElapsedTime(since, _now)
            : TimeSpan.MaxValue;

    /// <summary>The time until a pause ends, or somebody becomes slow, rounded up to what timers can do.</summary>
    private TimeSpan NextChange()
    {
        var pauses = _byAddress.Keys.Select(network => _penalties.WaitOf(network, _now) ?? TimeSpan.Zero);
        var graces = _placed.Where(one => !one.IsKnown).Select(GraceLeftOf);
        var next = pauses
            .Concat(graces)
            .Where(time => time > TimeSpan.Zero)
            .DefaultIfEmpty(Timeout.InfiniteTimeSpan)
            .Min();
        return next == Timeout.InfiniteTimeSpan
            ? next
            : TimeSpan.FromMilliseconds(Math.Ceiling(next.TotalMilliseconds));
    }
}
