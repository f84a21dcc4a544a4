using System.Net;
using System.Net.Sockets;

namespace RsyncFs.SystemTests.Keys;

/// <summary>Stands between a sender and a receiver, hands on what they say, and keeps it.</summary>
internal sealed class Wiretap : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly MemoryStream _fromSender = new();
    private readonly MemoryStream _fromReceiver = new();
    private readonly Task _accepting;
    private readonly int _receiverPort;

    public Wiretap(int receiverPort)
    {
        _receiverPort = receiverPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>All that was said, by either.</summary>
    public byte[] Seen() => [.. SeenFromSender(), .. Bytes(_fromReceiver)];

    /// <summary>All that senders said.</summary>
    public byte[] SeenFromSender() => Bytes(_fromSender);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
        await _fromSender.DisposeAsync();
        await _fromReceiver.DisposeAsync();
    }

    private static byte[] Bytes(MemoryStream kept)
    {
        lock (kept)
        {
            return kept.ToArray();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using var sender = await _listener.AcceptTcpClientAsync();
                using var receiver = new TcpClient();
                await receiver.ConnectAsync(IPAddress.Loopback, _receiverPort);
                await Task.WhenAll(
                    HandOnAsync(sender, receiver, _fromSender),
                    HandOnAsync(receiver, sender, _fromReceiver)
                );
            }
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            // No longer listening.
        }
    }

    private static async Task HandOnAsync(TcpClient from, TcpClient to, MemoryStream kept)
    {
        var piece = new byte[64 * 1024];
        try
        {
            while (await from.GetStream().ReadAsync(piece) is var count && count > 0)
            {
                lock (kept)
                {
                    kept.Write(piece, 0, count);
                }

                await to.GetStream().WriteAsync(piece.AsMemory(0, count));
            }

            to.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception cut) when (cut is IOException or SocketException)
        {
            to.Close();
        }
    }
}
