using RsyncFs.Devices;

namespace RsyncFs.Sharing;

/// <summary>A snapshot as one of several cycles reads it that are at work on it: what others have just read is taken over.</summary>
/// <param name="snapshot">The snapshot; whoever made this disposes of it.</param>
/// <param name="blocks">What was read of it.</param>
internal sealed class SharedDevice(IBlockDevice snapshot, SharedBlocks blocks) : DeviceView(snapshot)
{
    private long _bytesTakenOver;

    /// <summary>Bytes that were taken over.</summary>
    public long BytesTakenOver => Interlocked.Read(ref _bytesTakenOver);

    /// <inheritdoc/>
    public override void Read(long offsetBytes, Span<byte> buffer)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, offsetBytes, buffer.Length);
        Interlocked.Add(ref _bytesTakenOver, blocks.Read(offsetBytes, buffer));
    }
}
