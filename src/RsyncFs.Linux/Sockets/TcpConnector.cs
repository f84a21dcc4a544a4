using System.Net;
using System.Net.Sockets;
using RsyncFs.Errors;

namespace RsyncFs.Linux.Sockets;

/// <summary>Makes TCP connections to receivers.</summary>
public static class TcpConnector
{
    /// <summary>How long resolving and connecting may take together: some retransmissions of the first segment.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Resolves the host and connects to the first of its addresses that answers.</summary>
    /// <param name="endPoint">Host, by name or address, and port.</param>
    /// <param name="timeout">For all of it.</param>
    /// <param name="clock">Gives the time for the time-out.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ConnectionException">No such host, nobody listens, or no answer in time. Nothing is left open.</exception>
    public static async Task<TcpPeer> ConnectAsync(
        DnsEndPoint endPoint,
        TimeSpan timeout,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        using var deadline = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            SocketOptions.Apply(socket);
            await socket.ConnectAsync(endPoint, either.Token);
            return TcpPeer.Own(socket);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            socket.Dispose();
            throw Unreachable(
                endPoint,
                $"no answer within {timeout.TotalSeconds} seconds",
                HintFor(null),
                null
            );
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
            throw;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw Unreachable(endPoint, error.Message, HintFor(error.SocketErrorCode), error);
        }
    }

    private static string HintFor(SocketError? error) =>
        error switch
        {
            SocketError.ConnectionRefused => "is the receiver running there, on that port (rsyncfs serve)?",
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "check the host's name",
            _ => "check address, route and firewall",
        };

    private static ConnectionException Unreachable(
        DnsEndPoint endPoint,
        string cause,
        string hint,
        Exception? inner
    ) =>
        new(ErrorId.Unreachable, "the receiver could not be reached", inner)
        {
            Where = $"{endPoint.Host}:{endPoint.Port}",
            Cause = cause,
            Hint = hint,
        };
}
