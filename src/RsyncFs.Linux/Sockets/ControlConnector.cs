using System.Net.Sockets;
using RsyncFs.Errors;

namespace RsyncFs.Linux.Sockets;

/// <summary>Connects to a receiver of this machine.</summary>
public static class ControlConnector
{
    /// <summary>Connects to whoever listens at <paramref name="path"/>; null if nobody does.</summary>
    /// <exception cref="RsyncFsException">Somebody may, and we may not know (<see cref="ErrorId.PermissionDenied"/>), or it could not be asked.</exception>
    public static NetworkStream? TryConnect(string path)
    {
        ControlPath.Require(path, extraBytes: 0);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            return IsNobody(error) ? null : throw Refused(path, error);
        }
    }

    // connect(2) of unix(7): ENOENT and ENOTDIR have no name of their own in .NET. A file that is no socket gives ECONNREFUSED.
    private static bool IsNobody(SocketException error) =>
        error.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable
        || error.NativeErrorCode is Native.Errno.NoEntry or Native.Errno.NotDirectory;

    private static RsyncFsException Refused(string path, SocketException error)
    {
        var isDenied = error.SocketErrorCode == SocketError.AccessDenied;
        return new RsyncFsException(
            isDenied ? ErrorId.PermissionDenied : ErrorId.Unreachable,
            "the receiver could not be asked",
            error
        )
        {
            Where = path,
            Cause = error.Message,
            Hint = isDenied ? "run as the user that the receiver runs as, or as root" : null,
        };
    }
}
