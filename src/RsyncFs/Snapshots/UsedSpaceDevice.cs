using RsyncFs.Blocks;
using RsyncFs.Devices;

namespace RsyncFs.Snapshots;

/// <summary>A source as it would be if all its free space were zeros. What is free is not read.</summary>
/// <param name="inner">The source; whoever made this disposes of it.</param>
/// <param name="free">The free runs: ascending, none empty, no two touching.</param>
internal sealed class UsedSpaceDevice(IBlockDevice inner, IReadOnlyList<Extent> free) : IBlockDevice
{
    // A short free run between two used ones is read with them: one long read costs less than two short ones.
    private const int WorthSkippingBytes = 128 * 1024;

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
        var range = new Extent(offsetBytes, buffer.Length);
        var from = offsetBytes;
        for (
            var i = FirstEndingBehind(offsetBytes);
            i < free.Count && free[i].OffsetBytes < range.EndBytes;
            i++
        )
        {
            var hole = free[i].Intersect(range);
            if (hole.LengthBytes >= WorthSkippingBytes)
            {
                ReadUsed(from, hole.OffsetBytes, range, buffer);
                from = hole.EndBytes;
            }
        }

        ReadUsed(from, range.EndBytes, range, buffer);
        for (
            var i = FirstEndingBehind(offsetBytes);
            i < free.Count && free[i].OffsetBytes < range.EndBytes;
            i++
        )
        {
            var hole = free[i].Intersect(range);
            buffer.Slice((int)(hole.OffsetBytes - offsetBytes), (int)hole.LengthBytes).Clear();
        }
    }

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Zero(Extent extent) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Flush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public Extent NextData(long offsetBytes)
    {
        while (true)
        {
            var i = FirstEndingBehind(offsetBytes);
            if (i < free.Count && free[i].OffsetBytes <= offsetBytes)
            {
                offsetBytes = free[i++].EndBytes;
            }

            var end = i < free.Count ? free[i].OffsetBytes : LengthBytes;
            var data = inner.NextData(offsetBytes);
            if (data.OffsetBytes < end || data.OffsetBytes >= LengthBytes)
            {
                return data.Intersect(new Extent(data.OffsetBytes, Math.Max(0, end - data.OffsetBytes)));
            }

            offsetBytes = data.OffsetBytes;
        }
    }

    /// <inheritdoc/>
    public ChangeEvidence ReadEvidence() => inner.ReadEvidence();

    /// <inheritdoc/>
    public void Dispose() { }

    private void ReadUsed(long from, long to, Extent range, Span<byte> buffer)
    {
        if (from < to)
        {
            inner.Read(from, buffer.Slice((int)(from - range.OffsetBytes), (int)(to - from)));
        }
    }

    private int FirstEndingBehind(long offset)
    {
        var (low, high) = (0, free.Count);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            (low, high) = free[middle].EndBytes <= offset ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
