using System.Net;

namespace RsyncFs.Cli.Engine;

/// <summary>
/// The addresses from which connections end before it is known who is there, again and again. What that means for them
/// is said at <see cref="ReceptionLimits.Penalty"/>. For several threads; remembers a bounded number.
/// </summary>
/// <param name="clock">Tells time.</param>
internal sealed class Penalties(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Failures> _byAddress = [];

    /// <summary>How many addresses are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _byAddress.Count;
            }
        }
    }

    /// <summary>How many connections from <paramref name="address"/> have failed, and count still at <paramref name="now"/>, a timestamp.</summary>
    public int FailuresOf(IPAddress address, long now)
    {
        lock (_gate)
        {
            return CountOf(address, now);
        }
    }

    /// <summary>How long, from the timestamp <paramref name="now"/> on, the next connection from <paramref name="address"/> has to wait; null if there is no penalty.</summary>
    public TimeSpan? WaitOf(IPAddress address, long now)
    {
        lock (_gate)
        {
            if (CountOf(address, now) < ReceptionLimits.FailuresBeforePenalty)
            {
                return null;
            }

            var passed = clock.GetElapsedTime(_byAddress[address].LastAt, now);
            return passed < ReceptionLimits.PenaltyPause
                ? ReceptionLimits.PenaltyPause - passed
                : TimeSpan.Zero;
        }
    }

    /// <summary>A connection from there ended before it was known who is there.</summary>
    public void Failed(IPAddress address)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            var count = CountOf(address, now);
            if (count == 0)
            {
                MakeRoom();
            }

            _byAddress[address] = new Failures(count + 1, now);
        }
    }

    /// <summary>Somebody who is known came from there.</summary>
    public void Succeeded(IPAddress address)
    {
        lock (_gate)
        {
            _byAddress.Remove(address);
        }
    }

    /// <summary>The failures that count still; those of an address that has been quiet for long are forgotten.</summary>
    private int CountOf(IPAddress address, long now)
    {
        if (!_byAddress.TryGetValue(address, out var failures))
        {
            return 0;
        }

        if (clock.GetElapsedTime(failures.LastAt, now) < ReceptionLimits.Penalty)
        {
            return failures.Count;
        }

        _byAddress.Remove(address);
        return 0;
    }

    private void MakeRoom()
    {
        if (_byAddress.Count >= ReceptionLimits.MaxRememberedAddresses)
        {
            _byAddress.Remove(_byAddress.MinBy(known => known.Value.LastAt).Key);
        }
    }

    private readonly record struct Failures(int Count, long LastAt);
}
