using RsyncFs.Targets;

namespace RsyncFs;

/// <summary>
/// After every so many bytes of a delta: what was sent is made durable at the other end, and how far that is is
/// remembered here, so that a delta that is cut goes on from there (C17).
/// </summary>
/// <param name="remote">The target.</param>
/// <param name="sender">What sends the delta.</param>
/// <param name="state">What remembers.</param>
/// <param name="everyBytes">So many bytes lie between two checkpoints.</param>
/// <param name="delta">What is the same at each checkpoint: of which source and generation the delta is.</param>
internal sealed class DeltaCheckpoints(
    RemoteTarget remote,
    DeltaSender sender,
    DestinationState state,
    long everyBytes,
    ResumePoint delta
)
{
    // Their answers lie unread until somebody reads; the connection holds no more than twice as many.
    private const int MaxAwaited = 32;

    private long _sentBytes;

    /// <summary>To be called behind everything that was sent, with the first block that may still come.</summary>
    /// <param name="firstBlock">The block.</param>
    /// <param name="nobodyElseReads">True if no answers are read while the delta is sent; then they are read here.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public async ValueTask PassAsync(
        long firstBlock,
        bool nobodyElseReads,
        CancellationToken cancellationToken
    )
    {
        var sentBytes = sender.Totals.StoredBytes;
        if (sentBytes - _sentBytes < everyBytes || remote.AwaitedCheckpointCount >= MaxAwaited)
        {
            return;
        }

        _sentBytes = sentBytes;
        // Zeros that were kept back are before the block, too.
        await sender.FinishAsync(cancellationToken);
        var position = delta.Position with
        {
            RecordCount = sender.Chain.RecordCount,
            Chain = sender.Chain.Value,
        };
        var point = delta with { Position = position, FirstBlock = firstBlock };
        await remote.AskCheckpointAsync(sender.Chain, () => state.RememberResume(point), cancellationToken);
        if (nobodyElseReads)
        {
            // One is always under way, so that a flush over there does not stop the sending here.
            await remote.AwaitCheckpointsAsync(leaving: 1, cancellationToken);
        }
    }
}
