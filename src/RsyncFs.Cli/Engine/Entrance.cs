using System.Net;
using System.Net.Sockets;

namespace RsyncFs.Cli.Engine;

/// <summary>
/// How many connections are looked at before it is known who they are: the rest waits, with nothing but a socket. Each
/// address has its own few places, so that one that makes many connections is in its own way.
/// </summary>
internal sealed class Entrance : IDisposable
{
    private readonly Lock _gate = new();
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

        try
        {
            await places.Free.WaitAsync(cancellationToken);
            try
            {
                await _all.WaitAsync(cancellationToken);
            }
            catch
            {
                places.Free.Release();
                throw;
            }
        }
        catch
        {
            Leave(address, places);
            throw;
        }

        return new Place(() =>
        {
            _all.Release();
            places.Free.Release();
            Leave(address, places);
        });
    }

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
            }
        }
    }

    /// <summary>The places of one address, and how many are there or wait.</summary>
    private sealed class Places
    {
        public SemaphoreSlim Free { get; } = new(ReceptionLimits.MaxAtOncePerAddress);

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
