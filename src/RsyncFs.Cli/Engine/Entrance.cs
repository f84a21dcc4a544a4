using System.Net;
using System.Net.Sockets;

namespace RsyncFs.Cli.Engine;

/// <summary>
/// How many connections are looked at before it is known who they are: the rest waits, with nothing but a socket. Each
/// address has its own few places, so that one that makes many connections is in its own way; one from which nobody
/// gets in has less (<see cref="ReceptionLimits.Penalty"/>).
/// </summary>
/// <param name="clock">Tells time.</param>
internal sealed class Entrance(TimeProvider clock) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Penalties _penalties = new(clock);
    private readonly SemaphoreSlim _all = new(ReceptionLimits.MaxAtOnce);
    private readonly Dictionary<IPAddress, Places> _byAddress = [];
    private int _count;

    /// <summary>Waits for a place; disposing what is returned gives it up, once. Null if too many wait already.</summary>
    /// <param name="address">The other end's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">Cancelled. There is no place to give up.</exception>
    public async Task<IDisposable?> EnterAsync(IPAddress address, CancellationToken cancellationToken)
    {
        address = NetworkOf(address);
        if (TryJoin(address) is not { } places)
        {
            return null;
        }

        var taken = new List<SemaphoreSlim>();
        try
        {
            if (_penalties.WaitOf(address) is not null)
            {
                await TakeAsync(places.OneByOne);
                // Anew: the one before may have failed just now, or have got in.
                await Task.Delay(_penalties.WaitOf(address) ?? TimeSpan.Zero, clock, cancellationToken);
            }

            await TakeAsync(places.Free);
            await TakeAsync(_all);
            return new Place(GiveUp);
        }
        catch
        {
            GiveUp();
            throw;
        }

        async Task TakeAsync(SemaphoreSlim some)
        {
            await some.WaitAsync(cancellationToken);
            taken.Add(some);
        }

        void GiveUp()
        {
            taken.ForEach(some => some.Release());
            Leave(address, places);
        }
    }

    /// <summary>A connection from there ended before it was known who is there. To be said before its place is given up.</summary>
    public void Failed(IPAddress address) => _penalties.Failed(NetworkOf(address));

    /// <summary>Somebody who is known came from there.</summary>
    public void Succeeded(IPAddress address) => _penalties.Succeeded(NetworkOf(address));

    /// <inheritdoc/>
    public void Dispose() => _all.Dispose();

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

    private Places? TryJoin(IPAddress address)
    {
        lock (_gate)
        {
            var places = _byAddress.GetValueOrDefault(address);
            if (_count >= ReceptionLimits.MaxWaiting || places?.Count >= ReceptionLimits.MaxWaitingPerAddress)
            {
                return null;
            }

            places ??= _byAddress[address] = new Places();
            places.Count++;
            _count++;
            return places;
        }
    }

    private void Leave(IPAddress address, Places places)
    {
        lock (_gate)
        {
            _count--;
            if (--places.Count == 0)
            {
                _byAddress.Remove(address);
                places.Free.Dispose();
                places.OneByOne.Dispose();
            }
        }
    }

    /// <summary>The places of one address, and how many are there or wait.</summary>
    private sealed class Places
    {
        public SemaphoreSlim Free { get; } = new(ReceptionLimits.MaxAtOncePerAddress);

        /// <summary>For one that has a penalty.</summary>
        public SemaphoreSlim OneByOne { get; } = new(1);

        public int Count { get; set; }
    }

    private sealed class Place(Action giveUp) : IDisposable
    {
        private int _isGivenUp;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isGivenUp, 1) == 0)
            {
                giveUp();
            }
        }
    }
}
