using RsyncFs.Protocol;

namespace RsyncFs.Tests.Laboratory;

/// <summary>A stream that lets nothing more through after so many bytes were written to it, until it may go on: a slow line.</summary>
public sealed class StallingStream(Stream inner, long bytesUntilStall, Action stalled, Task goOn)
    : AsyncStream
{
    private long _left = bytesUntilStall;

    public override ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken = default
    ) => inner.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        _left -= buffer.Length;
        if (_left < 0)
        {
            stalled();
            await goOn.WaitAsync(cancellationToken);
        }

        await inner.WriteAsync(buffer, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
