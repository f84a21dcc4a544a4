using RsyncFs.Blocks;
using RsyncFs.Errors;

namespace RsyncFs;

/// <content>How a cycle ends that has used up what it may take: in good order, with what has arrived kept.</content>
internal sealed partial class SenderCycle
{
    /// <summary>Finds what differs. A plan that compares nothing finds nothing: its one pass is part of the shipping.</summary>
    /// <exception cref="LimitReachedException">The time was over before. Of an interrupted delta nothing is lost.</exception>
    public async Task<Changes> FindChangesAsync(
        Plan plan,
        SenderSession session,
        CancellationToken cancellationToken
    )
    {
        using var over = session.Budget.CreateTimer();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            return await FindAsync(plan, session, either.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && session.IsTimeOver)
        {
            if (plan != Plan.Compare)
            {
                // Who compares reads on at the other end, and could not answer; it sees a cut.
                await SayGoodbyeAsync(session, cancellationToken);
            }

            throw LimitReached(changes: null, session);
        }
    }

    /// <summary>Makes durable what was sent, and says goodbye; gives the error to end with.</summary>
    /// <exception cref="DeviceException">The source has changed meanwhile: what was sent of it is of no use.</exception>
    private async Task<LimitReachedException> EndAtLimitAsync(
        Changes changes,
        SenderSession session,
        CancellationToken cancellationToken
    )
    {
        _snapshot.EnsureValid();
        await Checkpoints.AwaitLastAsync(Sender.StoppedAt, cancellationToken);
        await SayGoodbyeAsync(session, cancellationToken);
        return LimitReached(changes, session);
    }

    private async Task SayGoodbyeAsync(SenderSession session, CancellationToken cancellationToken)
    {
        session.Enter("close");
        try
        {
            await _remote.CloseAsync(applied: null, cancellationToken);
        }
        catch (RsyncFsException)
        {
            // What is durable stays so without it.
        }
    }

    private LimitReachedException LimitReached(Changes? changes, SenderSession session)
    {
        var isTime = session.Budget.IsTimeOver;
        var isInPlace = Chosen.Choice.ApplyMode == ApplyMode.Direct;
        return new LimitReachedException(
            isTime ? "the time that the run may take is over" : "the run has sent as much as it may"
        )
        {
            IsTime = isTime,
            Where = _snapshot.Device.Name,
            ArrivedBytes = changes is null ? 0 : ArrivedBytes(changes),
            TotalBytes = changes is null ? 0 : BytesToShip(changes),
            SentBytes = session.BytesSent,
            // In place, what has arrived is found there by comparing, whatever the source is by then.
            IsKept = isInPlace || !_snapshot.IsFuzzy,
            IsTargetWhole = !isInPlace,
            Hint = "run again: it goes on from there",
        };
    }

    private long ArrivedBytes(Changes changes)
    {
        var layout = _hasher.Layout;
        if (Chosen.Choice.Plan == Plan.Full)
        {
            return layout.OffsetOf(Sender.StoppedAt);
        }

        var count = 0L;
        var blocks = changes.Blocks;
        for (
            var block = blocks.NextFrom(0);
            block >= 0 && block < Sender.StoppedAt;
            block = blocks.NextFrom(block + 1)
        )
        {
            count++;
        }

        return count * layout.BlockSizeBytes;
    }
}
