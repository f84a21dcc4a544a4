using System.Buffers.Binary;
using System.Net.Sockets;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Sockets;

/// <summary>A program of this machine at the other end of a control socket, and who it is by the word of the kernel.</summary>
/// <param name="Stream">Reads and writes it, and closes it when disposed.</param>
/// <param name="ProcessId">Its process, when it connected.</param>
/// <param name="UserId">Its effective user, when it connected.</param>
public sealed record ControlPeer(Stream Stream, int ProcessId, uint UserId)
{
    internal static ControlPeer Own(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[LibC.CredentialsBytes];
        socket.GetRawSocketOption(LibC.SocketLevel, LibC.PeerCredentials, credentials);
        return new ControlPeer(
            new NetworkStream(socket, ownsSocket: true),
            BinaryPrimitives.ReadInt32LittleEndian(credentials),
            BinaryPrimitives.ReadUInt32LittleEndian(credentials[sizeof(int)..])
        );
    }
}
