using RsyncFs.Blocks;

namespace RsyncFs.Devices;

/// <summary>A device that is read in another way than it stands there, and never written.</summary>
/// <param name="inner">The device; whoever made this disposes of it.</param>
internal abstract class DeviceView(IBlockDevice inner) : IBlockDevice
{
    /// <inheritdoc/>
    public string Name => Inner.Name;

    /// <inheritdoc/>
    public string StableId => Inner.StableId;

    /// <inheritdoc/>
    public long LengthBytes => Inner.LengthBytes;

    /// <inheritdoc/>
    public SetShape Shape => Inner.Shape;

    /// <inheritdoc/>
    public long SectorsWritten => Inner.SectorsWritten;

    /// <summary>The device.</summary>
    protected IBlockDevice Inner => inner;

    /// <inheritdoc/>
    public abstract void Read(long offsetBytes, Span<byte> buffer);

    /// <inheritdoc/>
    public virtual Extent NextData(long offsetBytes) => Inner.NextData(offsetBytes);

    /// <inheritdoc/>
    public ChangeEvidence ReadEvidence() => Inner.ReadEvidence();

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Zero(Extent extent) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Flush() => throw new NotSupportedException();

    /// <summary>The device stays open.</summary>
    public void Dispose() { }
}
