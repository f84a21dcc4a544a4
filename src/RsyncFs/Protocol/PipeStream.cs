namespace RsyncFs.Protocol;

/// <summary>One end of a <see cref="StreamPair"/>.</summary>
internal sealed class PipeStream : AsyncStream
{
    private readonly BoundedPipe _incoming;
    private readonly BoundedPipe _outgoing;

    public PipeStream(BoundedPipe incoming, BoundedPipe outgoing)
    {
        _incoming = incoming;
        _outgoing = outgoing;
    }

    public override ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken = default
    ) => _incoming.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default
    ) => _outgoing.WriteAsync(buffer, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        _outgoing.CloseWriter();
        _incoming.CloseReader();
        base.Dispose(disposing);
    }
}
