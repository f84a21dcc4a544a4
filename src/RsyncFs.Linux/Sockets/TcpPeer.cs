using System.Net;
using System.Net.Sockets;

namespace RsyncFs.Linux.Sockets;

/// <summary>A TCP connection that was made, in either direction.</summary>
public sealed class TcpPeer
{
    private readonly Socket _socket;

    private TcpPeer(Socket socket, IPEndPoint address)
    {
        _socket = socket;
        Stream = new NetworkStream(socket, ownsSocket: true);
        Address = address;
    }

    /// <summary>Reads and writes it, and closes it when disposed.</summary>
    public Stream Stream { get; }

    /// <summary>The other end; of a socket for both families an IPv4 address comes as itself.</summary>
    public IPEndPoint Address { get; }

    /// <summary>The first byte that the other end sends, which stays to be read; null if it sends none.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before it came.</exception>
    public async ValueTask<byte?> PeekAsync(CancellationToken cancellationToken)
    {
        var first = new byte[1];
        try
        {
            var count = await _socket.ReceiveAsync(first, SocketFlags.Peek, cancellationToken);
            return count == 0 ? null : first[0];
        }
        catch (SocketException)
        {
            // Whoever reads it gets the error.
            return null;
        }
    }

    internal static TcpPeer Own(Socket socket)
    {
        var end = (IPEndPoint)socket.RemoteEndPoint!;
        var address = end.Address.IsIPv4MappedToIPv6 ? end.Address.MapToIPv4() : end.Address;
        return new TcpPeer(socket, new IPEndPoint(address, end.Port));
    }
}
