using RsyncFs.Blocks;
using RsyncFs.Devices;

namespace RsyncFs.Targets;

/// <summary>Writes some pages of a block, neighbours in one write.</summary>
internal static class PageWriter
{
    /// <summary>Writes the <paramref name="pages"/> of <paramref name="content"/>; gives the bytes written.</summary>
    /// <exception cref="Errors.DeviceException">The target could not be written.</exception>
    public static long Write(
        IBlockDevice device,
        BlockLayout layout,
        long block,
        ReadOnlySpan<byte> content,
        PageBitmap pages
    )
    {
        var written = 0L;
        for (var first = 0; first < pages.PageCount; )
        {
            var end = first;
            while (end < pages.PageCount && pages.Contains(end))
            {
                end++;
            }

            if (end > first)
            {
                var from = first * BlockLayout.PageSizeBytes;
                var to = Math.Min(content.Length, end * BlockLayout.PageSizeBytes);
                device.Write(layout.OffsetOf(block) + from, content[from..to]);
                written += to - from;
            }

            first = end + 1;
        }

        return written;
    }
}
