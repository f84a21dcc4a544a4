using System.Collections.Concurrent;
using RsyncFs.Devices;

namespace RsyncFs.Linux.Devices;

/// <summary>
/// Aligned memory for transfers whose own memory, offset or length is not. Kept and reused, as many as were ever in
/// use at once; safe for several threads.
/// </summary>
internal sealed class BounceBuffers
{
    /// <summary>Bytes of each buffer: long enough that reading through it is not much slower than without.</summary>
    public const int SizeBytes = 1024 * 1024;

    private readonly ConcurrentBag<AlignedBuffer> _free = [];

    public AlignedBuffer Rent() => _free.TryTake(out var buffer) ? buffer : new AlignedBuffer(SizeBytes);

    public void Return(AlignedBuffer buffer) => _free.Add(buffer);
}
