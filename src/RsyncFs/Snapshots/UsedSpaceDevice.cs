using RsyncFs.Blocks;
using RsyncFs.Devices;

namespace RsyncFs.Snapshots;

/// <summary>A source as it would be if all its free space were zeros. What is free is not read.</summary>
/// <param name="source">The source; whoever made this disposes of it.</param>
/// <param name="free">The free runs: ascending, none empty, no two touching.</param>
internal sealed class UsedSpaceDevice(IBlockDevice source, IReadOnlyList<Extent> free) : DeviceView(source)
{
    // A short free run between two used ones is read with them: one long read costs less than two short ones.
    private const int WorthSkippingBytes = 128 * 1024;

    /// <inheritdoc/>
    public override void Read(long offsetBytes, Span<byte> buffer)
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
    public override Extent NextData(long offsetBytes)
    {
        while (true)
        {
            var i = FirstEndingBehind(offsetBytes);
            if (i < free.Count && free[i].OffsetBytes <= offsetBytes)
            {
                offsetBytes = free[i++].EndBytes;
            }

            var end = i < free.Count ? free[i].OffsetBytes : LengthBytes;
            var data = Inner.NextData(offsetBytes);
            if (data.OffsetBytes < end || data.OffsetBytes >= LengthBytes)
            {
                return data.Intersect(new Extent(data.OffsetBytes, Math.Max(0, end - data.OffsetBytes)));
            }

            offsetBytes = data.OffsetBytes;
        }
    }

    private void ReadUsed(long from, long to, Extent range, Span<byte> buffer)
    {
        if (from < to)
        {
            Inner.Read(from, buffer.Slice((int)(from - range.OffsetBytes), (int)(to - from)));
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
