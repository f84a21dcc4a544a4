using System.Net;
using System.Net.Sockets;
using Xunit;

namespace RsyncFs.SystemTests.Keys;

/// <summary>
/// Strangers that connect to a receiver from one address, say nothing or hardly anything, and come back whenever they
/// are closed.
/// </summary>
/// <param name="port">The receiver.</param>
/// <param name="count">So many are there at a time, as far as the receiver lets them.</param>
/// <param name="bytesSaid">0 or 1: how much each says.</param>
internal sealed class Flood(int port, int count, int bytesSaid) : IAsyncDisposable
{
    // They look after so many of theirs at a time, and so often: the machine has other things to do, too.
    private const int LookedAfter = 50;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    private readonly List<Socket> _strangers = [];
    private readonly CancellationTokenSource _isOver = new();
    private Task _comingBack = Task.CompletedTask;

    /// <summary>How often one of them connected.</summary>
    public int ConnectionCount { get; private set; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Connects them all; from then on they come back.</summary>
    public async Task BeginAsync()
    {
        while (_strangers.Count < count)
        {
            _strangers.Add(await ComeAsync() ?? throw new InvalidOperationException("nobody listens"));
        }

        _comingBack = ComeBackAsync();
    }

    /// <summary>No longer do they come back; returns when the receiver has closed them all.</summary>
    public async Task EndAsync()
    {
        await _isOver.CancelAsync();
        await _comingBack;
        var byteOrNone = new byte[64];
        foreach (var stranger in _strangers)
        {
            try
            {
                while (await stranger.ReceiveAsync(byteOrNone, Token) > 0)
                {
                    // It may be told something before.
                }
            }
            catch (SocketException)
            {
                // Cut.
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _isOver.CancelAsync();
        await _comingBack;
        _strangers.ForEach(stranger => stranger.Dispose());
        _isOver.Dispose();
    }

    private async Task ComeBackAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            for (var next = 0; ; await timer.WaitForNextTickAsync(_isOver.Token))
            {
                for (var i = 0; i < LookedAfter; i++, next = (next + 1) % _strangers.Count)
                {
                    if (Stranger.IsClosed(_strangers[next]) && await ComeAsync() is { } again)
                    {
                        _strangers[next].Dispose();
                        _strangers[next] = again;
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // They have had enough.
        }
    }

    // From another address: whoever connects that often is in its own way.
    private async Task<Socket?> ComeAsync()
    {
        var stranger = await Stranger.ComeAsync(port, IPAddress.Parse("127.0.0.2"), new byte[bytesSaid]);
        if (stranger is not null)
        {
            ConnectionCount++;
        }

        return stranger;
    }
}
