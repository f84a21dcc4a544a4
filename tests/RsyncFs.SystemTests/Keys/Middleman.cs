using System.Net;
using System.Net.Sockets;

namespace RsyncFs.SystemTests.Keys;

/// <summary>Stands between senders and a receiver, one connection after the other, and hands on what they say in its own way.</summary>
internal abstract class Middleman : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _accepting;

    protected Middleman(int receiverPort)
    {
        _listener.Start();
        _accepting = AcceptAsync(receiverPort);
    }

    /// <summary>How many connections senders made.</summary>
    public int ConnectionCount { get; private set; }

    /// <summary>Where senders find it.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
    }

    /// <summary>Hands on what <paramref name="from"/> says until it ends. What is thrown cuts the connection.</summary>
    protected abstract Task HandOnAsync(Stream from, Stream to, bool isFromSender);

    private async Task AcceptAsync(int receiverPort)
    {
        try
        {
            while (true)
            {
                using var sender = await _listener.AcceptTcpClientAsync();
                ConnectionCount++;
                using var receiver = new TcpClient();
                await receiver.ConnectAsync(IPAddress.Loopback, receiverPort);
                await Task.WhenAll(
                    HandOnAsync(sender, receiver, isFromSender: true),
                    HandOnAsync(receiver, sender, isFromSender: false)
                );
            }
        }
        catch (Exception over)
            when (over is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // No longer listening.
        }
    }

    private async Task HandOnAsync(TcpClient from, TcpClient to, bool isFromSender)
    {
        try
        {
            await HandOnAsync(from.GetStream(), to.GetStream(), isFromSender);
            to.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception cut)
            when (cut
                    is IOException
                        or SocketException
                        or ObjectDisposedException
                        or InvalidOperationException
            )
        {
            to.Close();
            from.Close();
        }
    }
}
