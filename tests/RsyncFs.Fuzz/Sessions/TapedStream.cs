using RsyncFs.Protocol;

namespace RsyncFs.Fuzz.Sessions;

/// <summary>One end of a connection whose frames are put on a tape; a connection writes each in one call.</summary>
internal sealed class TapedStream(Stream stream, Tape own, Tape other, MessageType? cutAt = null)
    : AsyncStream
{
    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken = default
    ) => stream.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        if ((MessageType)buffer.Span[4] == cutAt)
        {
            throw new IOException("the line is cut");
        }

        own.Add(buffer.Span, other.Count);
        return stream.WriteAsync(buffer, cancellationToken);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        stream.Dispose();
        base.Dispose(disposing);
    }
}
