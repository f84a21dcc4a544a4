using System.Net;
using System.Net.Sockets;
using Xunit;

namespace RsyncFs.SystemTests.Keys;

/// <summary>A connection to a receiver of this machine that says hardly anything, and looks whether it is closed.</summary>
internal static class Stranger
{
    /// <summary>Connects; null if nobody takes it.</summary>
    /// <param name="port">The receiver.</param>
    /// <param name="address">Where it comes from: one of this machine's.</param>
    /// <param name="said">What it says.</param>
    public static async Task<Socket?> ComeAsync(int port, IPAddress address, ReadOnlyMemory<byte> said)
    {
        var token = TestContext.Current.CancellationToken;
        var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            LingerState = new LingerOption(enable: true, seconds: 0),
        };
        try
        {
            stranger.Bind(new IPEndPoint(address, 0));
            await stranger.ConnectAsync(IPAddress.Loopback, port, token);
        }
        catch (SocketException)
        {
            stranger.Dispose();
            return null;
        }

        try
        {
            await stranger.SendAsync(said, token);
        }
        catch (SocketException)
        {
            // Too many of them wait already: it was closed.
        }

        return stranger;
    }

    /// <summary>True if something can be read, and it is the end; or it may not even be asked.</summary>
    public static bool IsClosed(Socket stranger)
    {
        try
        {
            return stranger.Poll(TimeSpan.Zero, SelectMode.SelectRead) && stranger.Available == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
