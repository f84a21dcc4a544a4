using System.Net;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Commands;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Sockets;
using RsyncFs.Protocol;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine;

/// <summary>The receiver as a process: holds its targets, takes senders, each in a session of its own, until it is told to end.</summary>
internal sealed class ReceiverDaemon(ServeRequest request, IServeLog log)
{
    // Each costs some 40 MiB while it works; a target has one sender at a time, so more would only wait.
    private const int MaxSessionCount = 32;

    private readonly HashSet<Task> _sessions = [];

    /// <summary>Serves until cancelled. When this returns, no session is running and every device is given up.</summary>
    /// <exception cref="RsyncFsException">A target or the address can not be had. No sender was served.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var services = Machine.Services();
        var ends = new List<TargetEnd>();
        try
        {
            foreach (var target in request.Targets)
            {
                ends.Add(Open(target, services));
            }

            using var acceptor = TcpAcceptor.Listen(await ResolveAsync(cancellationToken));
            var receiver = new Receiver(new TargetCatalogue(ends.Select(end => end.Target)), services);
            log.Ready(acceptor.LocalAddress);
            await AcceptAsync(acceptor, receiver, services, cancellationToken);
        }
        finally
        {
            await Task.WhenAll(Running());
            ends.ForEach(end => end.Dispose());
        }
    }

    private TargetEnd Open(TargetDefinition target, Services services) =>
        TargetEnd.Open(
            target.Name,
            target.DevicePath,
            StateLayout.OfTarget(request.StateDirectory, target.Name),
            target.Init switch
            {
                InitPermission.Overwrite => InitPolicy.Overwrite,
                InitPermission.Allow => InitPolicy.Allowed,
                _ => InitPolicy.Refused,
            },
            services
        );

    private async Task<IPEndPoint> ResolveAsync(CancellationToken cancellationToken)
    {
        var (host, port) = (request.Listen.Host, request.Listen.Port);
        if (host.Length == 0)
        {
            return new IPEndPoint(IPAddress.IPv6Any, port);
        }

        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken);
            return new IPEndPoint(addresses[0], port);
        }
        catch (System.Net.Sockets.SocketException error)
        {
            throw new ConnectionException(ErrorId.Unreachable, "the address to listen on is not known", error)
            {
                Where = host,
                Cause = error.Message,
            };
        }
    }

    private async Task AcceptAsync(
        TcpAcceptor acceptor,
        Receiver receiver,
        Services services,
        CancellationToken cancellationToken
    )
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            TcpPeer peer;
            try
            {
                peer = await acceptor.AcceptAsync(services.Clock, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var session = ServeAsync(receiver, peer, services, cancellationToken);
            lock (_sessions)
            {
                _sessions.RemoveWhere(ended => ended.IsCompleted);
                _sessions.Add(session);
            }
        }
    }

    private async Task ServeAsync(
        Receiver receiver,
        TcpPeer peer,
        Services services,
        CancellationToken cancellationToken
    )
    {
        await Task.Yield();
        var name = peer.Address.ToString();
        await using var connection = new Connection(peer.Stream, services.Clock, name, ProtocolRole.Receiver);
        try
        {
            await RefuseUnwantedAsync(connection, peer, cancellationToken);
            log.Ended(name, await receiver.ServeAsync(connection, cancellationToken));
        }
        catch (OperationCanceledException)
        {
            log.Failed(name, new ConnectionException(ErrorId.Interrupted, "the receiver is ending"));
        }
        catch (RsyncFsException error)
        {
            log.Failed(name, error);
        }
#pragma warning disable CA1031 // The end of a session: its defect must not end the others.
        catch (Exception defect)
#pragma warning restore CA1031
        {
            log.Failed(
                name,
                new RsyncFsException(ErrorId.Bug, $"{defect.GetType().Name}: {defect.Message}", defect)
            );
        }
    }

    private async Task RefuseUnwantedAsync(
        Connection connection,
        TcpPeer peer,
        CancellationToken cancellationToken
    )
    {
        try
        {
            PlaintextPolicy.Demand(peer.Address.Address, request.AllowPlaintext);
            if (Running().Count > MaxSessionCount)
            {
                throw new RefusedException(
                    ErrorId.TargetBusy,
                    $"the receiver has {MaxSessionCount} sessions already"
                )
                {
                    Hint = "try again later",
                };
            }
        }
        catch (RefusedException refusal)
        {
            await Refusal.SendAsync(connection, refusal, cancellationToken);
            throw;
        }
    }

    private List<Task> Running()
    {
        lock (_sessions)
        {
            return [.. _sessions.Where(session => !session.IsCompleted)];
        }
    }
}
