using System.Net;
using System.Net.Sockets;
using RsyncFs.Errors;

namespace RsyncFs.Linux.Sockets;

/// <summary>Listens on a TCP port.</summary>
public sealed class TcpAcceptor : IDisposable
{
    // Connections not accepted yet; whoever is beyond is retransmitted by its own kernel (listen(2)).
    private const int Backlog = 64;

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
