using System.Net;
using System.Net.Sockets;

namespace RsyncFs.Linux.Sockets;

/// <summary>A TCP connection that was made, in either direction.</summary>
/// <param name="Stream">Reads and writes it, and closes it when disposed.</param>
/// <param name="Address">The other end; of a socket for both families an IPv4 address comes as itself.</param>
public sealed record TcpPeer(Stream Stream, IPEndPoint Address)
{
    internal static TcpPeer Own(Socket socket)
    {
        var end = (IPEndPoint)socket.RemoteEndPoint!;
        var address = end.Address.IsIPv4MappedToIPv6 ? end.Address.MapToIPv4() : end.Address;
        return new TcpPeer(new NetworkStream(socket, ownsSocket: true), new IPEndPoint(address, end.Port));
    }
}
