using System.Threading.Channels;
using RsyncFs.Errors;

namespace RsyncFs.Protocol;

/// <summary>
/// Frames received and not yet asked for. It is never full: what may come is bounded before it comes, by credit,
/// by what was asked for, or by a count; a peer that sends more is dropped instead of being made to wait (C14).
/// </summary>
internal sealed class InboundQueue
{
    private readonly Channel<Frame> _frames = Channel.CreateUnbounded<Frame>(
        new UnboundedChannelOptions { SingleWriter = true }
    );
    private readonly OutstandingQueries _queries;
    private long _credit;
    private int _unread;
    private int _unreadRefusals;
    private int _unreadDeltas;

    public InboundQueue(OutstandingQueries queries)
    {
        _queries = queries;
    }

    /// <summary>Bytes of Delta payload that the peer may still send.</summary>
    public long CreditBytes => Interlocked.Read(ref _credit);

    /// <summary>The peer may send so many more. To be called before it is told.</summary>
    public void Grant(long bytes) => Interlocked.Add(ref _credit, bytes);

    /// <summary>Makes sure of the room for a frame before memory is taken for it.</summary>
    /// <exception cref="ProtocolException">The peer sends more than it may.</exception>
    public void Admit(FrameHeader header)
    {
        if (header.Type == MessageType.Delta)
        {
            // Credit counts payload: frames that have none, or hardly any, would cost their memory and no credit.
            Ensure(header.PayloadLength > 0, "a Delta without a byte");
            var count = Interlocked.Increment(ref _unreadDeltas);
            Ensure(count <= ProtocolLimits.UnreadDeltaCount, $"{count} Deltas ahead");
            var left = Interlocked.Add(ref _credit, -header.PayloadLength);
            Ensure(left >= 0, $"a Delta of {header.PayloadLength} bytes, {-left} over its credit");
        }
        else if (OutstandingQueries.IsReply(header.Type))
        {
            _queries.Admit(header);
        }
        else if (header.Type == MessageType.BlockRefused)
        {
            var count = Interlocked.Increment(ref _unreadRefusals);
            Ensure(count <= ProtocolLimits.UnreadBlockRefusedCount, $"{count} refused blocks ahead");
        }
        else
        {
            var count = Interlocked.Increment(ref _unread);
            Ensure(count <= ProtocolLimits.UnreadMessageCount, $"{count} messages ahead");
        }
    }

    /// <summary>Adds a frame that was admitted.</summary>
    public void Add(Frame frame) => _frames.Writer.TryWrite(frame);

    /// <summary>Nothing will be added any more.</summary>
    public void Complete() => _frames.Writer.TryComplete();

    /// <summary>The next frame, or null if there is none and never will be.</summary>
    public async ValueTask<Frame?> TakeAsync(CancellationToken cancellationToken)
    {
        Frame frame;
        while (!_frames.Reader.TryRead(out frame))
        {
            if (!await _frames.Reader.WaitToReadAsync(cancellationToken))
            {
                return null;
            }
        }

        if (frame.Type == MessageType.BlockRefused)
        {
            Interlocked.Decrement(ref _unreadRefusals);
        }
        else if (frame.Type == MessageType.Delta)
        {
            Interlocked.Decrement(ref _unreadDeltas);
        }
        else if (!OutstandingQueries.IsReply(frame.Type))
        {
            Interlocked.Decrement(ref _unread);
        }

        return frame;
    }

    private static void Ensure(bool condition, string problem)
    {
        if (!condition)
        {
            throw new ProtocolException(problem);
        }
    }
}
