using System.Buffers.Binary;
using System.Net.Sockets;
using RsyncFs.Protocol;

namespace RsyncFs.Linux.Sockets;

/// <summary>What every TCP connection of ours is set to. The sizes of the kernel's buffers are left to its tuning.</summary>
internal static class SocketOptions
{
    private const int KeepAliveSeconds = 30;

    // <netinet/tcp.h>; .NET has no name for it.
    private const int TcpUserTimeout = 18;

    // Later than our own deadline: that one says what was waited for, the kernel's may look like an orderly end.
    private static readonly TimeSpan UserTimeout = ProtocolLimits.SilenceDeadline + TimeSpan.FromSeconds(5);

    public static void Apply(Socket socket)
    {
        // Frames are written whole; waiting for more only delays queries (tcp(7), TCP_NODELAY).
        socket.NoDelay = true;
        // A session says that it lives; but between two of a loop nothing is said, and a firewall would forget them.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(
            SocketOptionLevel.Tcp,
            SocketOptionName.TcpKeepAliveInterval,
            KeepAliveSeconds
        );

        // Bytes that nobody acknowledges end the connection even if nobody watches it (tcp(7), TCP_USER_TIMEOUT).
        var timeout = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(timeout, (int)UserTimeout.TotalMilliseconds);
        socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, TcpUserTimeout, timeout);
    }
}
