using RsyncFs.Errors;

namespace RsyncFs;

/// <content>How a session comes to its proper end.</content>
internal sealed partial class ReceiverSession
{
    // All records up to this one are durable, and the delta can be gone on from there.
    private long _durableCount;

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
}
