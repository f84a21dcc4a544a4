using RsyncFs.Protocol;

namespace RsyncFs.Tests.Laboratory;

/// <summary>A stream that breaks after so many bytes were written to it: the cable is pulled, for both ends.</summary>
public sealed class CuttingStream(Stream inner, long bytesUntilCut, Action cut) : AsyncStream
{
    private long _left = bytesUntilCut;

    /// <summary>A wire that breaks for both ends after one of them has sent so many bytes.</summary>
    /// <param name="wire">The wire.</param>
    /// <param name="isSenderCut">True if it is the sender's bytes that are counted.</param>
    /// <param name="bytesUntilCut">So many get through.</param>
    public static StreamPair Cut(StreamPair wire, bool isSenderCut, long bytesUntilCut)
    {
        void Both()
        {
            wire.Sender.Dispose();
            wire.Receiver.Dispose();
        }

        return isSenderCut
            ? wire with
            {
                Sender = new CuttingStream(wire.Sender, bytesUntilCut, Both),
            }
            : wire with
            {
                Receiver = new CuttingStream(wire.Receiver, bytesUntilCut, Both),
            };
    }

    public override ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken = default
    ) => inner.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        var part = (int)Math.Min(_left, buffer.Length);
        if (part > 0)
        {
            await inner.WriteAsync(buffer[..part], cancellationToken);
        }

        _left -= part;
        if (part < buffer.Length)
        {
            cut();
            throw new IOException("the cable was pulled");
        }
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
