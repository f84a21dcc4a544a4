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
/// <param name="bytesSaid">So many bytes, which mean nothing, each says at once.</param>
/// <param name="trickles">True if each then begins a handshake, byte by byte, so that there is always something new.</param>
internal sealed class Flood(int port, int count, int bytesSaid, bool trickles) : IAsyncDisposable
{
    // They look after so many of theirs at a time, and so often: the machine has other things to do, too.
    private const int LookedAfter = 50;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    // A record of 512 bytes with a ClientHello of 508 (RFC 8446, 5.1 and 4.1.2), which nobody gets to the end of.
    private static readonly byte[] BeginOfHello =
    [
        .. (byte[])[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03],
        .. new byte[256],
    ];

    private readonly List<Socket> _strangers = [];
    private readonly int[] _said = new int[count];
    private readonly CancellationTokenSource _isOver = new();
    private Task _comingBack = Task.CompletedTask;

    /// <summary>How often one of them connected.</summary>
    public int ConnectionCount { get; private set; }

    /// <summary>How many bytes were said after the first ones.</summary>
    public int TrickledByteCount { get; private set; }

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
                    if (!Stranger.IsClosed(_strangers[next]))
                    {
                        SayMore(next);
                    }
                    else if (await ComeAsync() is { } again)
                    {
                        _strangers[next].Dispose();
                        _strangers[next] = again;
                        _said[next] = 0;
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // They have had enough.
        }
    }

    private void SayMore(int index)
    {
        if (!trickles || _said[index] == BeginOfHello.Length)
        {
            return;
        }

        try
        {
            _strangers[index].Send(BeginOfHello.AsSpan(_said[index], 1));
            _said[index]++;
            TrickledByteCount++;
        }
        catch (SocketException)
        {
            // Closed just now: it comes back next time.
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
