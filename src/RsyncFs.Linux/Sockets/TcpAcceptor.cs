using System.Net;
using System.Net.Sockets;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Sockets;

/// <summary>Listens on a TCP port.</summary>
public sealed class TcpAcceptor : IDisposable
{
    // Connections not accepted yet; whoever is beyond is retransmitted by its own kernel, a second later (listen(2)).
    private const int Backlog = 512;

    private readonly Socket _socket;

    private TcpAcceptor(Socket socket)
    {
        _socket = socket;
    }

    /// <summary>Where it listens, with the port that the kernel chose if 0 was asked for.</summary>
    public IPEndPoint LocalAddress => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Begins to listen.</summary>
    /// <exception cref="ConnectionException">The address is not ours, in use, or not permitted. Nothing is left open.</exception>
    public static TcpAcceptor Listen(IPEndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
            {
                // Every address of the machine, those of IPv4 included (ipv6(7), IPV6_V6ONLY).
                socket.DualMode = true;
            }

            socket.Bind(address);
            socket.Listen(Backlog);
            return new TcpAcceptor(socket);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new ConnectionException(ErrorId.Unreachable, "the address can not be listened on", error)
            {
                Where = address.ToString(),
                Cause = error.Message,
                Hint = "another program may listen there; choose another address or port",
            };
        }
    }

    /// <summary>Takes over a socket that another program made, and that listens. No program that this one starts gets it.</summary>
    /// <exception cref="RsyncFsException">It is no socket, or none of TCP that listens (<see cref="ErrorId.Usage"/>). It is closed.</exception>
    public static TcpAcceptor Adopt(SafeSocketHandle handle)
    {
        Socket? socket = null;
        try
        {
            var errno = NativeFile.ErrnoOf(
                LibC.ControlDescriptor(handle, LibC.SetDescriptorFlags, LibC.DescriptorCloseOnExec)
            );
            if (errno != 0)
            {
                throw NotAdopted($"fcntl: {Errno.Describe(errno)}");
            }

            socket = new Socket(handle);
            return WhyNotAdopted(socket) is { } why ? throw NotAdopted(why) : new TcpAcceptor(socket);
        }
        catch
        {
            socket?.Dispose();
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Waits for the next caller. A caller that is gone again, or a shortage of descriptors, is waited out.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, or disposed.</exception>
    public async Task<TcpPeer> AcceptAsync(TimeProvider clock, CancellationToken cancellationToken)
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
                // accept(2) hands on errors of the network and of limits, and none of them is a reason to stop.
                await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken);
            }
            catch (Exception error) when (error is ObjectDisposedException or SocketException)
            {
                throw new OperationCanceledException("no longer listening", error, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static string? WhyNotAdopted(Socket socket)
    {
        if (
            socket.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
            || socket.SocketType != SocketType.Stream
        )
        {
            return $"it is no TCP socket ({socket.AddressFamily}, {socket.SocketType})";
        }

        var isListening =
            socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is 1;
        return isListening ? null : "it does not listen";
    }

    private static RsyncFsException NotAdopted(string why) =>
        new(ErrorId.Usage, "the socket that was passed can not be used")
        {
            Cause = why,
            Hint = "in the .socket unit: one ListenStream= with a port, and no Accept=yes",
        };

    private static TcpPeer? TryPrepare(Socket socket)
    {
        try
        {
            SocketOptions.Apply(socket);
            return TcpPeer.Own(socket);
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            socket.Dispose();
            return null;
        }
    }
}
