using System.Net;
using RsyncFs.Cli.Commands;
using RsyncFs.Cli.Commands.Targets;
using RsyncFs.Cli.Engine.Control;
using RsyncFs.Cli.Engine.Targets;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using RsyncFs.Linux.Sockets;
using RsyncFs.Linux.Systemd;

namespace RsyncFs.Cli.Engine;

/// <summary>The receiver as a process: holds its targets, takes senders, each in a session of its own, until it is told to end.</summary>
/// <param name="request">What it was asked to do.</param>
/// <param name="log">Told what it lives through.</param>
/// <param name="terminal">Where it is asked how it goes.</param>
/// <param name="hookLog">Told what its hooks say.</param>
/// <param name="passed">Where it waits for senders, if the service manager listens there already; then the request's address is not used.</param>
internal sealed class ReceiverDaemon(
    ServeRequest request,
    IServeLog log,
    Terminal terminal,
    IHookLog hookLog,
    TcpAcceptor? passed = null
)
{
    /// <summary>Serves until cancelled. When this returns, no session is running and every device is given up.</summary>
    /// <exception cref="RsyncFsException">A target, the address or the control socket can not be had. No sender was served.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var hangUp = new HangUp();
        var services = Machine.Services();
        using var manager = ServiceManager.OfProcess(services.Clock);
        manager.Say("opening the targets; what a journal holds is written first");
        using var control = ControlAcceptor.Listen(request.SocketPath);
        using var served = ServedTargets.Open(request, services);
        var hooks = new TargetHooks(request.Targets, hookLog, terminal.RunId, services.Clock);
        var desk = new TargetDesk(request.StateDirectory, request.SocketPath, services, served)
        {
            Hooks = hooks,
        };
        var given = GivenOptions.Of(request.StateDirectory, request.Keys, request.SocketPath);
        using var door = given.Run(() => Doorkeeper.Open(request.Keys, request.AllowPlaintext));
        using var reception = new Reception(door, served, services, log) { Given = given, Hooks = hooks };
        hangUp.Then(() => manager.Reload(() => reception.Reload()));
        using var acceptor = passed ?? TcpAcceptor.Listen(await ResolveAsync(cancellationToken));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var people = new ControlServer(control, ExecuteAsync, services.Clock)
        {
            TakeSender = (stream, name) => reception.Take(stream, name, end.Token),
        }.RunAsync(end.Token);
        using var status = terminal.Status.Add(() => log.Present(served.Sessions.Present(services.Clock)));
        try
        {
            log.Ready(acceptor.LocalAddress);
            manager.Ready($"listening on {acceptor.LocalAddress}; targets: {served.Names.Count}");
            await reception.AcceptAsync(acceptor, end.Token);
        }
        finally
        {
            manager.Stopping("ending what has begun");
            // However it ends: nothing is at work on a target when it is given up.
            await end.CancelAsync();
            await people;
            await served.Sessions.WhenAllEnded();
        }

        async Task<ControlDocument> ExecuteAsync(ControlRequest asked, CancellationToken caller)
        {
            var document = asked is { Verb: ControlVerb.ReloadPeers, Peers: { } changed }
                ? reception.Reload(changed)
                : await desk.ExecuteAsync(asked, caller);
            if (document is TargetChangeDocument { DryRun: false } change)
            {
                log.Changed(change);
            }

            return document;
        }
    }

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
}
