using RsyncFs.Errors;
using RsyncFs.Journals;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;

namespace RsyncFs;

/// <content>How a session comes to its proper end.</content>
internal sealed partial class ReceiverSession
{
    // All records up to this one are durable, and the delta can be gone on from there.
    private long _durableCount;

    // The generation that the delta makes.
    private Guid _generation;

    /// <summary>What is done about the writes.</summary>
    public GuardedWrites Writes { get; init; } = new(hooks: null);

    private bool IsInDelta => _update is not null && !_hasEnded;

    /// <summary>What the session did, for the log.</summary>
    public SessionReport Report(string senderNode) =>
        new(
            _target.Name,
            _purpose,
            senderNode,
            _target.Record?.Generation ?? Guid.Empty,
            BytesRead,
            BytesWritten
        )
        {
            ArrivedRecordCount = IsInDelta ? _durableCount : 0,
        };

    /// <summary>
    /// Makes sure that the sender may say goodbye: in the middle of a delta only where all that came of it is durable,
    /// so that a later session goes on from there.
    /// </summary>
    /// <exception cref="ProtocolException">The delta has not ended, and more of it came. Nothing of it was made a generation.</exception>
    public void CheckEnd()
    {
        if (IsInDelta && _chain!.RecordCount != _durableCount)
        {
            throw new ProtocolException(
                $"goodbye in the middle of a delta: {_chain.RecordCount} records came, and {_durableCount} are durable"
            );
        }
    }

    private async ValueTask CommitAsync(EndOfDelta end, CancellationToken cancellationToken)
    {
        _hasEnded = true;
        var generation = Guid.Empty;
        var isChanged = end.RecordCount > 0;
        if (isChanged)
        {
            // The last moment at which the target can still stay what it is.
            await Writes.BeginAsync(_generation, cancellationToken);
        }

        var isCommitted = Update.MakeDurable(new GenerationEnd(end.Root, end.IsFuzzy), Report);
        try
        {
            if (isCommitted)
            {
                await SendAsync(new Durable(_target.Record!.Pending!.Id), cancellationToken);
            }
        }
        finally
        {
            // Behind the commit point the sender is not needed any more, and may be gone.
            generation = Update.Apply(Report);
        }

        _connection.Report(SessionPhase.Idle, 0);
        if (await Writes.EndAsync() is { } failed)
        {
            throw failed;
        }

        await Writes.CommittedAsync(generation, isChanged, cancellationToken);

        await SendAsync(new Applied(generation, BytesRead, BytesWritten), cancellationToken);
    }
}
