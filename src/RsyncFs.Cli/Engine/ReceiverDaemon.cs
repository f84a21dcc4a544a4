using System.Net;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Commands;
using RsyncFs.Cli.Engine.Targets;
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

    /// <summary>Serves until cancelled. When this returns, no session is running and every device is given up.</summary>
    /// <exception cref="RsyncFsException">A target, the address or the control socket can not be had. No sender was served.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var services = Machine.Services();
        using var control = ControlAcceptor.Listen(request.SocketPath);
        using var served = OpenTargets(services);
        var desk = new TargetDesk(request.StateDirectory, request.SocketPath, services, served);
        using var acceptor = TcpAcceptor.Listen(await ResolveAsync(cancellationToken));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var people = new ControlServer(control, desk, services.Clock, log).RunAsync(end.Token);
        try
        {
            log.Ready(acceptor.LocalAddress);
            await AcceptAsync(acceptor, served, services, end.Token);
        }
        finally
        {
            // However it ends: nothing is at work on a target when it is given up.
            await end.CancelAsync();
            await people;
            await served.Sessions.WhenAllEnded();
        }
    }

    private ServedTargets OpenTargets(Services services)
    {
        var ends = new List<TargetEnd>();
        try
        {
            foreach (var target in request.Targets)
            {
                ends.Add(Open(target, services));
            }

            return new ServedTargets(ends, services.Clock);
        }
        catch
        {
            ends.ForEach(end => end.Dispose());
            throw;
        }
    }

    private TargetEnd Open(TargetDefinition target, Services services) =>
        TargetEnd.Open(
            target.Name,
            target.DevicePath,
            StateLayout.OfTarget(request.StateDirectory, target.Name),
            new TargetPermissions(
                target.Init switch
                {
                    InitPermission.Overwrite => InitPolicy.Overwrite,
                    InitPermission.Allow => InitPolicy.Allowed,
                    _ => InitPolicy.Refused,
                },
                request.Journal
            ),
            services
        );

    private async Task<IPEndPoint> ResolveAsync(CancellationToken cancellationToken)
    {
        var (host, port) = (request.Listen.Host, request.Listen.Port);
        if (host.Length == 0)
        {
            return new IPEndPoint(IPAddress.IPv6Any, port);
        }

        // An address is what it says; the resolver does not take those that stand for all (0.0.0.0, ::).
        if (IPAddress.TryParse(host, out var address))
        {
            return new IPEndPoint(address, port);
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
        ServedTargets served,
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

            served.Sessions.Begin(
                new ServeSession(peer.Address.ToString(), cancellationToken),
                session => ServeAsync(session, served, peer, services)
            );
        }
    }

    private async Task ServeAsync(ServeSession session, ServedTargets served, TcpPeer peer, Services services)
    {
        var name = session.Peer;
        await using var connection = new Connection(peer.Stream, services.Clock, name, ProtocolRole.Receiver);
        try
        {
            await RefuseUnwantedAsync(connection, peer, served.Sessions, session.Token);
            var receiver = new Receiver(served.Catalogue, services) { Leased = session.Got };
            log.Ended(name, await receiver.ServeAsync(connection, session.Token));
        }
        catch (OperationCanceledException)
        {
            log.Failed(name, new ConnectionException(ErrorId.Interrupted, "the receiver ended the session"));
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
        SessionTable sessions,
        CancellationToken cancellationToken
    )
    {
        try
        {
            PlaintextPolicy.Demand(peer.Address.Address, request.AllowPlaintext, ProtocolRole.Receiver);
            if (sessions.Count > MaxSessionCount)
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
}
