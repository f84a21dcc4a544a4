using RsyncFs.Access;
using RsyncFs.Cli.Commands.Targets;
using RsyncFs.Cli.Json;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Sockets;
using RsyncFs.Protocol;

namespace RsyncFs.Cli.Engine;

/// <summary>Takes senders in: finds out who each is, and serves it in a session of its own.</summary>
/// <param name="door">Says who is there.</param>
/// <param name="served">The targets.</param>
/// <param name="services">What the machine gives.</param>
/// <param name="log">Told what happens.</param>
internal sealed class Reception(Doorkeeper door, ServedTargets served, Services services, IServeLog log)
    : IDisposable
{
    private readonly Entrance _entrance = new(services.Clock);
    private readonly StrangerLog _strangers = new(log, services.Clock);

    /// <summary>What a command needs to be about this receiver.</summary>
    public GivenOptions Given { get; init; } = GivenOptions.None;

    /// <summary>What is run about the writes to targets; null for nothing.</summary>
    public TargetHooks? Hooks { get; init; }

    /// <summary>Takes senders until cancelled.</summary>
    public async Task AcceptAsync(TcpAcceptor acceptor, CancellationToken cancellationToken)
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

            var session = new ServeSession(peer.Address.ToString(), cancellationToken);
            // Here and not later: of those that are too many none is more than a socket, and that for no longer than this.
            if (_entrance.TryArrive(peer.Address.Address, session.TurnAway) is { } newcomer)
            {
                served.Sessions.Begin(
                    session,
                    _ => ServeAsync(session, () => LetInAsync(session, peer, newcomer))
                );
            }
            else
            {
                using (session)
                {
                    await peer.Stream.DisposeAsync();
                    LogFailure(session, TooMany());
                }
            }
        }
    }

    /// <summary>Serves a sender that ssh has let in, and for whom a program of this machine speaks, in a session of its own.</summary>
    /// <param name="stream">What the session goes over; taken over.</param>
    /// <param name="name">The name by which it was let in.</param>
    /// <param name="cancellationToken">Ends the session.</param>
    public void Take(Stream stream, string name, CancellationToken cancellationToken) =>
        served.Sessions.Begin(
            new ServeSession("ssh", cancellationToken),
            session => ServeAsync(session, () => GreetAsync(stream, name, session.Token))
        );

    /// <summary>As <see cref="Reload()"/>, because the list at <paramref name="changed"/> was changed; nothing is done if this receiver reads another.</summary>
    public PeersReloadedDocument Reload(string changed) =>
        new() { Peers = door.Peers.Path, EndedSessions = door.Peers.IsAt(changed) ? Reload() : null };

    /// <summary>Reads again who is known, and ends the sessions of those that have lost their right.</summary>
    /// <returns>How many were ended.</returns>
    public int Reload()
    {
        try
        {
            door.Reload();
        }
        catch (StateException failure)
        {
            // Nobody is known now: who can not be looked up has lost its right, too.
            log.NotReloaded(
                new StateException(
                    failure.Id,
                    "the list of peers could not be read again: nobody is known now",
                    failure
                )
                {
                    Where = failure.Where,
                    Cause = failure.Cause,
                    Hint = failure.Hint,
                }
            );
        }

        var ended = served.Sessions.End(session => !session.IsAllowed).Count;
        // Whoever is known still comes again, and is asked who it is.
        _ = served.Sessions.End(session => session.IsKept);
        return ended;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _entrance.Dispose();
        _strangers.Dispose();
    }

    private async Task ServeAsync(ServeSession session, Func<Task<Visitor>> letIn)
    {
        try
        {
            await ServeAllAsync(session, letIn);
        }
        catch (OperationCanceledException)
        {
            await FailAsync(session, WhyEnded(session));
        }
        catch (RsyncFsException error)
        {
            await FailAsync(session, error);
        }
#pragma warning disable CA1031 // The end of a session: its defect must not end the others.
        catch (Exception defect)
#pragma warning restore CA1031
        {
            LogFailure(
                session,
                new RsyncFsException(ErrorId.Bug, $"{defect.GetType().Name}: {defect.Message}", defect)
            );
        }
    }

    private async Task FailAsync(ServeSession session, RsyncFsException error)
    {
        LogFailure(session, error);
        if (Hooks is not null)
        {
            await Hooks.TellFailureAsync(session, error);
        }
    }

    private void LogFailure(ServeSession session, RsyncFsException error)
    {
        error = ForThisMachine(error);
        if (session.Target is null)
        {
            // It may be anybody.
            _strangers.Failed(session.Who, error);
        }
        else
        {
            log.Failed(session.Who, error);
        }
    }

    /// <summary>
    /// Where things lie is said in the log alone: a stranger, who is told the same, has no business to know. Other errors
    /// than these may have commands for another machine in their hints.
    /// </summary>
    private RsyncFsException ForThisMachine(RsyncFsException error) =>
        error is RefusedException { InnerException: StateException why } ? why
        : error.Id
            is ErrorId.KeyUnknown
                or ErrorId.KeyFile
                or ErrorId.AccessDenied
                or ErrorId.VolumeUnrelated
                or ErrorId.SenderUnknown
                or ErrorId.TargetReplaced
                or ErrorId.TargetResized
            ? Given.Complete(error)
        : error;

    /// <summary>Serves one session, and those that come behind it over the same connection.</summary>
    private async Task ServeAllAsync(ServeSession session, Func<Task<Visitor>> letIn)
    {
        var begun = services.Clock.GetTimestamp();
        var visitor = await letIn();
        using (visitor.Newcomer)
        {
            Connection? next = new(
                visitor.Stream,
                services.Clock,
                session.Peer,
                ProtocolRole.Receiver,
                begunAt: begun
            );
            session.Caller = visitor.Caller;
            while (next is { } connection)
            {
                await using (connection)
                {
                    session.Goes(connection, begun);
                    next = await ServeOneAsync(session, visitor, connection);
                }
            }
        }
    }

    /// <summary>Serves one session; gives the connection for the next, null if there is none.</summary>
    private async Task<Connection?> ServeOneAsync(
        ServeSession session,
        Visitor visitor,
        Connection connection
    )
    {
        try
        {
            var report = await ServeOpenAsync(session, visitor, connection);
            // Not before: who it is is known only now.
            log.Ended(session.Who, report);
            return connection.IsKept ? await connection.BeginAgainAsync() : null;
        }
        catch (Exception end)
            when (session.IsKept
                && connection.BytesReceived == 0
                && end is ConnectionException or OperationCanceledException
            )
        {
            // Nobody came again. That is no session, and no failure.
            return null;
        }
    }

    private async Task<SessionReport> ServeOpenAsync(
        ServeSession session,
        Visitor visitor,
        Connection connection
    )
    {
        // Of one that was kept nobody knows yet when it comes; then it is asked again.
        var many =
            !session.IsKept && served.Sessions.CountWithTarget >= ReceptionLimits.MaxSessionCount
                ? TooManySessions()
                : null;
        if ((visitor.Refusal ?? many) is { } why)
        {
            await TryRefuseAsync(connection, why, session);
            throw why;
        }

        var receiver = new Receiver(served.Catalogue, services)
        {
            Caller = visitor.Caller,
            Leased = (target, purpose, node) =>
            {
                if (!served.Sessions.TryGot(session, target, purpose, node))
                {
                    throw TooManySessions();
                }

                visitor.Newcomer?.Dispose();
            },
            InitNeeded = session.NeedInit,
            HooksOf = target => Hooks?.Of(target, session),
            MayKeep = () => !session.Token.IsCancellationRequested && served.Sessions.TryKeep(session),
        };
        return await receiver.ServeAsync(connection, session.Token);
    }

    /// <summary>Tells a sender why it is refused, unless it has to go before it has heard that; the log has it all the same.</summary>
    private static async Task TryRefuseAsync(
        Connection connection,
        RefusedException why,
        ServeSession session
    )
    {
        try
        {
            await Refusal.SendAsync(connection, why, session.Token);
        }
        catch (OperationCanceledException) when (session.IsTurnedAway)
        {
            // Others wait, and it had its time.
        }
    }

    /// <summary>One deadline for all that comes before it is known who is there.</summary>
    private async Task<Visitor> LetInAsync(ServeSession session, TcpPeer peer, Newcomer newcomer)
    {
        using var deadline = new CancellationTokenSource(ReceptionLimits.Deadline, services.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, session.Token);
        try
        {
            await newcomer.Placed.WaitAsync(either.Token);
            var (stream, caller, refusal) = await door.AskAsync(peer, either.Token);
            Note(newcomer, caller, refusal);
            return new Visitor(stream, caller, refusal, newcomer);
        }
        catch (Exception failure)
        {
            // Whoever only waited has not failed. Who hangs up in the middle has: it has had its handshake made.
            if (
                newcomer.HasPlace
                && !session.IsTurnedAway
                && (
                    deadline.IsCancellationRequested || failure is ConnectionException || IsStrangers(failure)
                )
            )
            {
                _entrance.Failed(newcomer.Network);
            }

            newcomer.Dispose();
            await peer.Stream.DisposeAsync();
            if (failure is OperationCanceledException && deadline.IsCancellationRequested)
            {
                throw new ConnectionException(
                    ErrorId.Stalled,
                    $"nobody said who is there within {ReceptionLimits.Deadline.TotalSeconds:F0} seconds"
                );
            }

            throw;
        }
    }

    private async Task<Visitor> GreetAsync(Stream stream, string name, CancellationToken cancellationToken)
    {
        try
        {
            await StdioGreeting.WriteAsync(stream, cancellationToken);
            var (caller, refusal) = door.Find(name);
            return new Visitor(stream, caller, refusal, Newcomer: null);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private void Note(Newcomer newcomer, Caller caller, RefusedException? refusal)
    {
        if (refusal is not null && IsStrangers(refusal))
        {
            _entrance.Failed(newcomer.Network);
        }
        else if (caller.Name is not null)
        {
            newcomer.Know();
            _entrance.Succeeded(newcomer.Network);
        }
    }

    /// <summary>True for what only somebody does who has no business here; not for what this machine has to answer for.</summary>
    private static bool IsStrangers(Exception failure) =>
        failure
            is RsyncFsException { Id: ErrorId.TlsFailed or ErrorId.KeyUnknown or ErrorId.PlaintextRefused };

    private static RefusedException TooManySessions() =>
        new(ErrorId.TargetBusy, $"the receiver has {ReceptionLimits.MaxSessionCount} sessions already")
        {
            Hint = "try again later",
        };

    /// <summary>Somebody who was let in as far as it takes to say who it is.</summary>
    /// <param name="Stream">What the session goes over.</param>
    /// <param name="Caller">Who it is.</param>
    /// <param name="Refusal">Why it is to be refused; null if it is not.</param>
    /// <param name="Newcomer">What it is until it has a target; null for one that ssh has let in.</param>
    private sealed record Visitor(
        Stream Stream,
        Caller Caller,
        RefusedException? Refusal,
        Newcomer? Newcomer
    );

    private static ConnectionException TooMany() =>
        new(ErrorId.Unreachable, "too many connections wait to say who they are; this one was closed");

    private static RsyncFsException WhyEnded(ServeSession session) =>
        session.IsTurnedAway ? TooMany()
        : session.IsAllowed ? new ConnectionException(ErrorId.Interrupted, "the receiver ended the session")
        : ServeSession.LostRight();
}
