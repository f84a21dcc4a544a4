using System.Net.Sockets;
using System.Text.Json;
using RsyncFs.Cli.Commands;
using RsyncFs.Cli.Engine.Control;
using RsyncFs.Cli.Json;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Sockets;
using RsyncFs.Linux.Ssh;
using RsyncFs.Protocol;

namespace RsyncFs.Cli.Engine;

/// <summary>
/// Serves the one sender at the other end of standard input and output, that is, of ssh: by itself, if it was given
/// targets, else by handing it to the receiver that runs on this machine.
/// </summary>
/// <param name="request">The targets, and where state, peers and the receiver's control socket are.</param>
/// <param name="name">The sender's name, as ssh found out.</param>
/// <param name="hooks">What is run about the writes to the targets.</param>
internal sealed class StdioReceiver(ServeRequest request, string name, TargetHooks hooks)
{
    // Nobody tells a receiver of one session that the list was changed. To look whether it was is one call.
    private static readonly TimeSpan RightsInterval = TimeSpan.FromSeconds(5);

    /// <summary>Serves it to the end of its session.</summary>
    /// <exception cref="RsyncFsException">The session ended otherwise than by the sender's goodbye; where that was possible, the sender was told why.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var services = Machine.Services();
        await using var stream = StandardStream.Open();
        try
        {
            if (request.Targets.Count > 0)
            {
                await ServeAsync(stream, services, cancellationToken);
            }
            else
            {
                await RelayAsync(stream, cancellationToken);
            }
        }
        catch (IOException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ConnectionException(ErrorId.ConnectionLost, "the sender, or the receiver, is gone")
            {
                Where = name,
            };
        }
    }

    private async Task ServeAsync(Stream stream, Services services, CancellationToken cancellationToken)
    {
        using var door = Doorkeeper.ForNames(request.Keys);
        var (caller, refusal) = door.Find(name);
        if (refusal is not null)
        {
            await RefuseAsync(stream, refusal, services, cancellationToken);
            throw refusal;
        }

        using var served = await OrRefuseAsync(() => ServedTargets.Open(request, services));
        await StdioGreeting.WriteAsync(stream, cancellationToken);
        using var session = new ServeSession("ssh", cancellationToken) { Caller = caller };
        await using var connection = ConnectionOver(stream, services);
        await using var watch = services.Clock.CreateTimer(
            _ => EndUnlessAllowed(session),
            null,
            RightsInterval,
            RightsInterval
        );
        try
        {
            await new Receiver(served.Catalogue, services)
            {
                Caller = caller,
                Leased = session.Got,
                InitNeeded = session.NeedInit,
                HooksOf = target => hooks.Of(target, session),
            }.ServeAsync(connection, session.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await hooks.TellFailureAsync(session, ServeSession.LostRight());
            throw ServeSession.LostRight();
        }
        catch (RsyncFsException error)
        {
            await hooks.TellFailureAsync(session, error);
            throw;
        }

        async Task<T> OrRefuseAsync<T>(Func<T> open)
        {
            try
            {
                return open();
            }
            catch (RsyncFsException failure)
            {
                await RefuseAsync(stream, failure, services, cancellationToken);
                throw;
            }
        }
    }

    private async Task RelayAsync(StandardStream stream, CancellationToken cancellationToken)
    {
        await using var receiver = ControlConnector.TryConnect(request.SocketPath);
        if (receiver is null)
        {
            var nobody = new RefusedException(
                ErrorId.Unreachable,
                "no receiver runs on the machine that ssh reached"
            )
            {
                Cause = $"nobody listens at {request.SocketPath}",
                Hint =
                    "start 'rsyncfs serve' there; or give its 'serve --stdio' the targets: --target NAME=DEVICE",
            };
            await RefuseAsync(stream, nobody, Machine.Services(), cancellationToken);
            throw nobody;
        }

        // The receiver greets.
        var line = new ControlRequest { Verb = ControlVerb.Session, Peer = name };
        await ControlLine.WriteAsync(
            receiver,
            JsonSerializer.SerializeToUtf8Bytes(line, JsonLines.Context.ControlRequest),
            cancellationToken
        );
        var up = stream.CopyToAsync(receiver, cancellationToken);
        var down = receiver.CopyToAsync(stream, cancellationToken);
        if (await Task.WhenAny(up, down) == up)
        {
            await up;
            receiver.Socket.Shutdown(SocketShutdown.Send);
        }

        await down;
    }

    private static void EndUnlessAllowed(ServeSession session)
    {
        if (!session.IsAllowed)
        {
            session.End();
        }
    }

    /// <summary>Tells the sender, as a receiver that runs would.</summary>
    private async Task RefuseAsync(
        Stream stream,
        RsyncFsException why,
        Services services,
        CancellationToken cancellationToken
    )
    {
        await StdioGreeting.WriteAsync(stream, cancellationToken);
        await using var connection = ConnectionOver(stream, services);
        await Refusal.SendAsync(connection, why, cancellationToken);
    }

    private Connection ConnectionOver(Stream stream, Services services) =>
        new(stream, services.Clock, name, ProtocolRole.Receiver);
}
