using RsyncFs.Blocks;
using RsyncFs.Devices;

namespace RsyncFs.Tests.Laboratory;

/// <summary>A device that lets a test do something at certain calls.</summary>
/// <param name="inner">Does the work.</param>
public sealed class HookedDevice(IBlockDevice inner) : IBlockDevice
{
    /// <summary>Done before each read.</summary>
    public Action Reading { get; set; } = () => { };

    /// <summary>Done before each write.</summary>
    public Action Writing { get; set; } = () => { };

    /// <summary>Done before each flush.</summary>
    public Action Flushing { get; set; } = () => { };

    private long _bytesRead;

    /// <summary>Bytes that were read.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public long LengthBytes => inner.LengthBytes;

    /// <inheritdoc/>
    public long SectorsWritten => inner.SectorsWritten;

    /// <inheritdoc/>
    public void Read(long offsetBytes, Span<byte> buffer)
    {
        Reading();
        inner.Read(offsetBytes, buffer);
        Interlocked.Add(ref _bytesRead, buffer.Length);
    }

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        Writing();
        inner.Write(offsetBytes, data);
    }

    /// <inheritdoc/>
    public void Zero(Extent extent) => inner.Zero(extent);

    /// <inheritdoc/>
    public void Flush()
    {
        Flushing();
        inner.Flush();
    }

    /// <inheritdoc/>
    public Extent NextData(long offsetBytes) => inner.NextData(offsetBytes);

    /// <inheritdoc/>
    public ChangeEvidence ReadEvidence() => inner.ReadEvidence();

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();
}
