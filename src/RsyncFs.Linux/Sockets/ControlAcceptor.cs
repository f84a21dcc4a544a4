using System.Net.Sockets;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;
using RsyncFs.Linux.State;

namespace RsyncFs.Linux.Sockets;

/// <summary>
/// Listens on a unix socket for programs of this machine, of the same user or of root. The socket is there, with mode
/// 0600, as long as somebody listens, and a lock beside it (<c>PATH.lock</c>) tells a live one from one whose process
/// died.
/// </summary>
public sealed class ControlAcceptor : IDisposable
{
    private const int Backlog = 16;
    private const int OwnerOnly = 0x180; // 0600
    private const string NewEnding = ".new";
    private const string LockEnding = ".lock";

    private readonly Socket _socket;
    private readonly string _path;
    private readonly StateLock _lock;

    private ControlAcceptor(Socket socket, string path, StateLock stateLock)
    {
        _socket = socket;
        _path = path;
        _lock = stateLock;
    }

    /// <summary>Begins to listen. Directories above are made; a socket that a dead process left is replaced.</summary>
    /// <exception cref="RefusedException">Another process listens there (<see cref="ErrorId.Locked"/>); the cause says which. Nothing was changed.</exception>
    /// <exception cref="StateException">The socket or its lock could not be made.</exception>
    /// <exception cref="RsyncFsException">The path is too long for a socket.</exception>
    public static ControlAcceptor Listen(string path)
    {
        ControlPath.Require(path, NewEnding.Length);
        _ = LinuxDurableDirectory.OpenRoot(Path.GetDirectoryName(path)!);
        var stateLock = TakeLock(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // Under its own name only when it has its mode and listens: nobody finds it half made.
            var newPath = path + NewEnding;
            Check("unlink", newPath, LibC.Unlink(newPath), Errno.NoEntry);
            socket.Bind(new UnixDomainSocketEndPoint(newPath));
            Check("chmod", newPath, LibC.ChangeMode(newPath, OwnerOnly));
            socket.Listen(Backlog);
            RefuseOther(path);
            Check("rename", path, LibC.Rename(newPath, path));
            return new ControlAcceptor(socket, path, stateLock);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            stateLock.Dispose();
            throw new StateException(ErrorId.StateIo, "the control socket could not be made", error)
            {
                Where = path,
                Cause = error.Message,
                Hint = "say another place: --socket PATH, at 'serve' and at 'target'",
            };
        }
        catch
        {
            socket.Dispose();
            stateLock.Dispose();
            throw;
        }
    }

    /// <summary>Waits for the next caller. One of another user is hung up on, unless that is root.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, or disposed.</exception>
    public async Task<ControlPeer> AcceptAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var socket = await _socket.AcceptAsync(cancellationToken);
                if (TryPrepare(socket) is { } peer)
                {
                    return peer;
                }
            }
            catch (SocketException error) when (error.SocketErrorCode != SocketError.OperationAborted)
            {
                // Limits of descriptors and memory pass; see TcpAcceptor.
                await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken);
            }
            catch (Exception error) when (error is ObjectDisposedException or SocketException)
            {
                throw new OperationCanceledException("no longer listening", error, cancellationToken);
            }
        }
    }

    /// <summary>Ends listening; the socket is gone, and the lock free.</summary>
    public void Dispose()
    {
        // While the lock is held: behind it the path may be another's.
        _ = LibC.Unlink(_path);
        _socket.Dispose();
        _lock.Dispose();
    }

    private static StateLock TakeLock(string path)
    {
        try
        {
            return StateLock.TakeFile(path + LockEnding);
        }
        catch (RefusedException held)
        {
            throw new RefusedException(held.Id, "another process has the control socket")
            {
                Where = path,
                Cause = held.Cause,
                Hint = "stop it, or give this one its own: --socket PATH",
            };
        }
    }

    /// <summary>A socket of somebody who knows nothing of our lock is not taken away, nor is what is no socket.</summary>
    private static void RefuseOther(string path)
    {
        if (NativeFile.Stat(path, out var status) != 0)
        {
            return;
        }

        var isSocket = status.Type == LibC.TypeSocket;
        using var live = isSocket ? ControlConnector.TryConnect(path) : null;
        if (isSocket && live is null)
        {
            return;
        }

        throw new RefusedException(ErrorId.Locked, "the place of the control socket is taken")
        {
            Where = path,
            Cause = isSocket ? "another program listens there" : $"it is {status.Describe()}",
            Hint = "say another place: --socket PATH, at 'serve' and at 'target'",
        };
    }

    private static ControlPeer? TryPrepare(Socket socket)
    {
        try
        {
            var peer = ControlPeer.Own(socket);
            if (peer.UserId == LibC.Root || peer.UserId == LibC.EffectiveUser())
            {
                return peer;
            }
        }
        catch (SocketException)
        {
            // Gone again.
        }

        socket.Dispose();
        return null;
    }

    private static void Check(string call, string path, int result, int allowed = 0)
    {
        var errno = NativeFile.ErrnoOf(result);
        if (errno != 0 && errno != allowed)
        {
            throw LinuxError.State(call, path, errno);
        }
    }
}
