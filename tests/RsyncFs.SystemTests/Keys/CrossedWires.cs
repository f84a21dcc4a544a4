using System.Net;
using System.Net.Sockets;

namespace RsyncFs.SystemTests.Keys;

/// <summary>
/// Two senders and their receivers, joined rightly up to some record of TLS that each sender says, and crosswise from
/// then on.
/// </summary>
internal sealed class CrossedWires : IAsyncDisposable
{
    private readonly TcpListener[] _listeners = [new(IPAddress.Loopback, 0), new(IPAddress.Loopback, 0)];
    private readonly NetworkStream[] _senders = new NetworkStream[2];
    private readonly NetworkStream[] _receivers = new NetworkStream[2];
    private readonly TaskCompletionSource[] _isThere = [new(), new()];
    private readonly List<TcpClient> _clients = [];
    private readonly Task _passing;

    /// <param name="receiverPorts">The two receivers.</param>
    /// <param name="crossedFrom">The first record of each sender that goes to the other's receiver, counted from 0.</param>
    public CrossedWires(int[] receiverPorts, int crossedFrom)
    {
        foreach (var listener in _listeners)
        {
            listener.Start();
        }

        _passing = Task.WhenAll(
            PassAsync(0, receiverPorts[0], crossedFrom),
            PassAsync(1, receiverPorts[1], crossedFrom)
        );
    }

    /// <summary>Where the sender of that number finds its receiver, or so it thinks.</summary>
    public int PortOf(int number) => ((IPEndPoint)_listeners[number].LocalEndpoint).Port;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Close();
        await _passing;
    }

    private async Task PassAsync(int number, int receiverPort, int crossedFrom)
    {
        try
        {
            var sender = await _listeners[number].AcceptTcpClientAsync();
            var receiver = new TcpClient();
            await receiver.ConnectAsync(IPAddress.Loopback, receiverPort);
            lock (_clients)
            {
                _clients.AddRange([sender, receiver]);
            }

            (_senders[number], _receivers[number]) = (sender.GetStream(), receiver.GetStream());
            await Task.WhenAll(FromSenderAsync(number, crossedFrom), FromReceiverAsync(number));
        }
        catch (Exception cut)
            when (cut
                    is IOException
                        or SocketException
                        or ObjectDisposedException
                        or InvalidOperationException
            )
        {
            // What one end of four is told by another's key is the end of all.
            Close();
        }
    }

    private async Task FromSenderAsync(int number, int crossedFrom)
    {
        for (var index = 0; await TlsRecord.ReadAsync(_senders[number]) is { } record; index++)
        {
            if (index == crossedFrom)
            {
                _isThere[number].TrySetResult();
                await Task.WhenAll(_isThere.Select(there => there.Task));
            }

            await _receivers[index < crossedFrom ? number : 1 - number].WriteAsync(record);
        }

        throw new IOException("a sender is gone");
    }

    private async Task FromReceiverAsync(int number)
    {
        while (await TlsRecord.ReadAsync(_receivers[number]) is { } record)
        {
            var isCrossed = _isThere.All(there => there.Task.IsCompleted);
            await _senders[isCrossed ? 1 - number : number].WriteAsync(record);
        }

        throw new IOException("a receiver is gone");
    }

    private void Close()
    {
        foreach (var there in _isThere)
        {
            there.TrySetCanceled();
        }

        foreach (var listener in _listeners)
        {
            listener.Dispose();
        }

        lock (_clients)
        {
            _clients.ForEach(client => client.Dispose());
        }
    }
}
