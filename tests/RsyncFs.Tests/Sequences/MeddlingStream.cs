using RsyncFs.Fuzz.Sessions;
using RsyncFs.Protocol;

namespace RsyncFs.Tests.Sequences;

/// <summary>One end of a connection whose messages a <see cref="Meddler"/> lets pass; a connection writes each in one call.</summary>
internal sealed class MeddlingStream(Stream stream, Meddler meddler) : AsyncStream
{
    private int _passedCount;

    /// <summary>Messages that came to the meddler so far.</summary>
    public int PassedCount => Volatile.Read(ref _passedCount);

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken = default
    ) => stream.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        Interlocked.Increment(ref _passedCount);
        foreach (var frame in meddler.Pass(new ScriptedFrame(buffer.ToArray(), After: 0)))
        {
            await stream.WriteAsync(frame.Bytes, cancellationToken);
        }

        if (meddler.IsCut)
        {
            await stream.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        stream.Dispose();
        base.Dispose(disposing);
    }
}
