using System.Net;
using System.Net.Sockets;

namespace RsyncFs.Linux.Sockets;

/// <summary>A TCP connection that was made, in either direction.</summary>
/// <param name="Stream">Reads and writes it, and closes it when disposed.</param>
/// <param name="Address">The other end.</param>
public sealed record TcpPeer(Stream Stream, IPEndPoint Address)
{
    internal static TcpPeer Own(Socket socket) =>
        new(new NetworkStream(socket, ownsSocket: true), (IPEndPoint)socket.RemoteEndPoint!);
}
