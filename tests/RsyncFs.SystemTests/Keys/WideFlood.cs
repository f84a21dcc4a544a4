using System.Net;
using System.Net.Sockets;

namespace RsyncFs.SystemTests.Keys;

/// <summary>
/// Strangers from many addresses of this machine, 127.0.0.2 and those behind it. Each connects as often as it can, says
/// the first byte of TLS and nothing more, and comes back whenever it is closed.
/// </summary>
/// <param name="port">The receiver.</param>
internal sealed class WideFlood(int port) : IAsyncDisposable
{
    public const int AddressCount = 249;

    // So many each has at a time, as far as the receiver lets it: four times what may be there in all.
    private const int HeldPerAddress = 8;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);
    private static readonly byte[] FirstByteOfTls = [0x16];

    private readonly CancellationTokenSource _isOver = new();
    private Task _all = Task.CompletedTask;
    private int _connectionCount;

    /// <summary>How often one of them connected.</summary>
    public int ConnectionCount => Volatile.Read(ref _connectionCount);

    /// <summary>Begins; they are at it until this is disposed.</summary>
    public void Begin() =>
        _all = Task.WhenAll(
            Enumerable.Range(2, AddressCount).Select(last => Task.Run(() => FloodAsync(last)))
        );

    /// <summary>They go, and do not come back.</summary>
    public async Task EndAsync()
    {
        await _isOver.CancelAsync();
        await _all;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _isOver.Dispose();
    }

    private async Task FloodAsync(int last)
    {
        var address = new IPAddress([127, 0, 0, (byte)last]);
        var held = new Socket?[HeldPerAddress];
        while (!_isOver.IsCancellationRequested)
        {
            for (var i = 0; i < held.Length; i++)
            {
                if (held[i] is not { } stranger || Stranger.IsClosed(stranger))
                {
                    held[i]?.Dispose();
                    held[i] = await Stranger.ComeAsync(port, address, FirstByteOfTls);
                    Interlocked.Increment(ref _connectionCount);
                }
            }

            await Task.Delay(Interval);
        }

        Array.ForEach(held, stranger => stranger?.Dispose());
    }
}
