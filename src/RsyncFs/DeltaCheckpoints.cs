using RsyncFs.Sources;

namespace RsyncFs;

/// <summary>
/// After every so many bytes of a delta: what was sent is made durable at the other end, and how far that is is
/// remembered here, so that a delta that is cut goes on from there (C17).
/// </summary>
/// <param name="remote">The target.</param>
/// <param name="sender">What sends the delta.</param>
/// <param name="state">What remembers.</param>
/// <param name="everyBytes">So many bytes lie between two checkpoints.</param>
/// <param name="delta">What is the same at each checkpoint: of which source and generation the delta is; null if it can not be gone on with, and what is made durable is found again by comparing, or not at all.</param>
internal sealed class DeltaCheckpoints(
    RemoteTarget remote,
    DeltaSender sender,
    DestinationState state,
    long everyBytes,
    ResumePoint? delta
)
{
    private long _sentBytes;
    private long _askedCount = sender.Chain.RecordCount;

    /// <summary>True if so much was sent since the last one that the next is due.</summary>
    public bool IsDue => delta is not null && sender.Totals.TravelledBytes - _sentBytes >= everyBytes;

    /// <summary>Asks for one behind everything that was sent. Its answer is taken by whoever reads the connection.</summary>
    /// <param name="firstBlock">The first block that may still come.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public async ValueTask AskAsync(long firstBlock, CancellationToken cancellationToken)
    {
        _sentBytes = sender.Totals.TravelledBytes;
        // Zeros that were kept back are before the block, too.
        await sender.FinishAsync(cancellationToken);
        _askedCount = sender.Chain.RecordCount;
        if (delta is null)
        {
            await remote.AskCheckpointAsync(sender.Chain, () => { }, cancellationToken);
            return;
        }

        var position = delta.Position with
        {
            RecordCount = sender.Chain.RecordCount,
            Chain = sender.Chain.Value,
        };
        var point = delta with { Position = position, FirstBlock = firstBlock };
        await remote.AskCheckpointAsync(sender.Chain, () => state.RememberResume(point), cancellationToken);
    }

    /// <summary>Waits until everything that was sent is durable. Only while no other answer is due.</summary>
    /// <param name="firstBlock">The first block that may still come.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public async ValueTask AwaitLastAsync(long firstBlock, CancellationToken cancellationToken)
    {
        if (sender.Chain.RecordCount > _askedCount)
        {
            await AskAsync(firstBlock, cancellationToken);
        }

        await remote.AwaitCheckpointsAsync(leaving: 0, cancellationToken);
    }
}
