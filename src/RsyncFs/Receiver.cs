using RsyncFs.Access;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Targets;

namespace RsyncFs;

/// <summary>
/// The receiver's end of a session: the mirror of <see cref="Replicator"/>. It owns the targets, answers what the
/// sender asks, and makes a target the next generation only when the whole of it has come and proven.
/// </summary>
/// <param name="targets">The targets.</param>
/// <param name="services">What the machine gives.</param>
public sealed class Receiver(TargetCatalogue targets, Services services)
{
    /// <summary>Told which target a session got, for what, and the sender's name of itself.</summary>
    public Action<Target, Purpose, string>? Leased { get; init; }

    /// <summary>Told that the session needs the right to <c>init</c> as long as it runs. Comes behind <see cref="Leased"/>.</summary>
    public Action? InitNeeded { get; init; }

    /// <summary>What is done about the writes to a target; null for nothing.</summary>
    public Func<Target, WriteHooks?> HooksOf { get; init; } = _ => null;

    /// <summary>Asked, when the target is released, whether the stream may stay for another session of the sender, if it wants that.</summary>
    public Func<bool> MayKeep { get; init; } = () => false;

    /// <summary>Who is at the other end.</summary>
    public Caller Caller { get; init; } = Caller.WithoutKey;

    /// <summary>Serves one session from its greeting to its end.</summary>
    /// <exception cref="RsyncFsException">The session ended otherwise than by the sender's goodbye; where that was possible, the sender was told why. The target is at its generation, or durably marked inconsistent.</exception>
    /// <exception cref="OperationCanceledException">Ended by this end. The same holds.</exception>
    public async Task<SessionReport> ServeAsync(Connection connection, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken,
            connection.Lost
        );
        try
        {
            return await ServeOpenAsync(connection, cancellationToken, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            connection.ThrowIfLost();
            throw;
        }
        catch (RsyncFsException error) when (error is not ConnectionException)
        {
            await Refusal.SendAsync(connection, error, cancellationToken);
            throw;
        }
    }

    private async Task<SessionReport> ServeOpenAsync(
        Connection connection,
        CancellationToken isEnded,
        CancellationToken cancellationToken
    )
    {
        var hello = await Handshake.AnswerAsync(connection, Software.Name, services.Node, cancellationToken);
        var open =
            await connection.ReceiveAsync(cancellationToken) as OpenTarget
            ?? throw new ProtocolException("something else where OpenTarget belongs");

        // First: who has no business here learns nothing of what is here.
        Caller.Demand(open.Target, open.Purpose);
        var target = targets.Find(open.Target);
        var writes = new GuardedWrites(open.Purpose == Purpose.Replicate ? HooksOf(target) : null);
        target.Lease();
        var agreed = CodecsFor(hello, open);
        SessionReport report;
        Message message;
        try
        {
            Leased?.Invoke(target, open.Purpose, hello.Node);
            using var session = new ReceiverSession(
                connection,
                target,
                open,
                Caller.RefusalOfInit(open.Target),
                services
            )
            {
                AgreedCodecs = agreed,
                Writes = writes,
            };
            if (session.NeedsInit)
            {
                InitNeeded?.Invoke();
            }

            if (agreed != CodecSet.Lz4)
            {
                await connection.SendAsync(new Codecs(agreed & ~CodecSet.Lz4), cancellationToken);
            }

            await connection.SendAsync(session.Describe(), cancellationToken);
            message = await AnswerAllAsync(connection, session, open, hello, isEnded, cancellationToken);
            session.CheckEnd();
            report = session.Report(hello.Node);
        }
        finally
        {
            try
            {
                // A session that was cut has a failure of its own; what fails here was said where it failed.
                _ = await writes.EndAsync();
            }
            finally
            {
                // Before the goodbye is answered: the sender's next session may come at once.
                target.Release();
            }
        }

        await (
            message is Again && MayKeep()
                ? connection.AnswerAgainAsync(new Again(report.BytesRead), cancellationToken)
                : connection.AnswerByeAsync(new Bye(report.BytesRead), cancellationToken)
        );
        return report;
    }

    /// <summary>Answers all that the sender says up to its last word, and gives that.</summary>
    private async Task<Message> AnswerAllAsync(
        Connection connection,
        ReceiverSession session,
        OpenTarget open,
        Hello hello,
        CancellationToken isEnded,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var message = await connection.ReceiveAsync(cancellationToken);
            if (IsLast(message, hello))
            {
                return message;
            }

            if (message is BeginGeneration)
            {
                DemandAgain(open, session);
            }

            await session.AnswerAsync(message, cancellationToken);
            // A whole delta may have come already: of a session that was ended nothing more is taken.
            isEnded.ThrowIfCancellationRequested();
        }
    }

    private static bool IsLast(Message message, Hello hello) =>
        message is Bye || (message is Again && Handshake.VersionWith(hello) >= Handshake.AgainVersion);

    private CodecSet CodecsFor(Hello hello, OpenTarget open) =>
        Handshake.VersionWith(hello) >= Handshake.CodecsVersion && open.Purpose != Purpose.Verify
            ? services.Codecs.Set
            : CodecSet.Lz4;

    // The key may have lost a right since it opened the target.
    private void DemandAgain(OpenTarget open, ReceiverSession session)
    {
        Caller.Demand(open.Target, open.Purpose);
        if (session.NeedsInit && Caller.RefusalOfInit(open.Target) is { } lost)
        {
            throw lost;
        }
    }
}
