using System.Net;

namespace RsyncFs.Cli.Engine;

/// <summary>
/// How many connections are looked at before it is known who they are: the rest waits, with nothing but a socket. Each
/// address has its own few places, so that one that makes many connections is in its own way.
/// </summary>
internal sealed class Entrance : IDisposable
{
    // A handshake takes milliseconds. Whoever says nothing keeps its place for ten seconds.
    private const int MaxAtOnce = 32;
    private const int MaxAtOncePerAddress = 4;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _all = new(MaxAtOnce);
    private readonly Dictionary<IPAddress, Places> _byAddress = [];

    /// <summary>Waits for a place; disposing what is returned gives it up, once.</summary>
    /// <param name="address">The other end's.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">Cancelled. There is no place to give up.</exception>
    public async Task<IDisposable> EnterAsync(IPAddress address, CancellationToken cancellationToken)
    {
        var places = Join(address);
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

    private Places Join(IPAddress address)
    {
        lock (_gate)
        {
            if (!_byAddress.TryGetValue(address, out var places))
            {
                _byAddress[address] = places = new Places();
            }

            places.Count++;
            return places;
        }
    }

    private void Leave(IPAddress address, Places places)
    {
        lock (_gate)
        {
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
        public SemaphoreSlim Free { get; } = new(MaxAtOncePerAddress);

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
