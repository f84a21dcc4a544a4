using RsyncFs.Blocks;
using RsyncFs.Devices;

namespace RsyncFs.Sharing;

/// <summary>A snapshot as one of several cycles reads it that are at work on it: what others have just read is taken over.</summary>
/// <param name="inner">The snapshot; whoever made this disposes of it.</param>
/// <param name="blocks">What was read of it.</param>
internal sealed class SharedDevice(IBlockDevice inner, SharedBlocks blocks) : IBlockDevice
{
    private long _bytesTakenOver;

    /// <summary>Bytes that were taken over.</summary>
    public long BytesTakenOver => Interlocked.Read(ref _bytesTakenOver);

    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public string StableId => inner.StableId;

    /// <inheritdoc/>
    public long LengthBytes => inner.LengthBytes;

    /// <inheritdoc/>
    public SetShape Shape => inner.Shape;

    /// <inheritdoc/>
    public long SectorsWritten => inner.SectorsWritten;

    /// <inheritdoc/>
    public void Read(long offsetBytes, Span<byte> buffer)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, offsetBytes, buffer.Length);
        Interlocked.Add(ref _bytesTakenOver, blocks.Read(offsetBytes, buffer));
    }

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Zero(Extent extent) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Flush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public Extent NextData(long offsetBytes) => inner.NextData(offsetBytes);

    /// <inheritdoc/>
    public ChangeEvidence ReadEvidence() => inner.ReadEvidence();

    /// <inheritdoc/>
    public void Dispose() { }
}
