using System.Diagnostics;
using RsyncFs.Blocks;

namespace RsyncFs.Delta;

/// <summary>Turns found content into copy ops: byte runs of any alignment into whole pages.</summary>
public static class CopyPlanner
{
    /// <summary>
    /// Plans the pages of <paramref name="neededPages"/> in block <paramref name="blockIndex"/>. A page becomes part
    /// of a copy if one span covers all its bytes, which are fewer at the device's end; a page that only two spans
    /// cover together stays literal. Neighbouring pages of the same span share one op.
    /// </summary>
    /// <param name="layout">The source's layout.</param>
    /// <param name="blockIndex">The block.</param>
    /// <param name="neededPages">The pages that must get content; left as it is.</param>
    /// <param name="spans">As <see cref="RollingSearch.Find"/> gives them: in source order, not overlapping.</param>
    public static CopyPlan Plan(
        BlockLayout layout,
        long blockIndex,
        PageBitmap neededPages,
        IReadOnlyList<MatchSpan> spans
    )
    {
        var copies = new List<CopyOp>();
        var literalPages = new PageBitmap(neededPages.PageCount);
        var blockOffset = layout.OffsetOf(blockIndex);
        var at = FirstEndingBehind(spans, blockOffset);
        for (var page = 0; page < neededPages.PageCount; page++)
        {
            var offset = blockOffset + ((long)page * BlockLayout.PageSizeBytes);
            var end = offset + layout.PageLengthOf(blockIndex, page);
            while (at < spans.Count && spans[at].SourceEndBytes <= offset)
            {
                at++;
            }

            if (!neededPages.Contains(page))
            {
                continue;
            }

            if (at < spans.Count && spans[at].SourceOffsetBytes <= offset && spans[at].SourceEndBytes >= end)
            {
                Append(copies, page, spans[at].BaseOffsetBytes + offset - spans[at].SourceOffsetBytes);
            }
            else
            {
                literalPages.Add(page);
            }
        }

        return new CopyPlan(copies, literalPages);
    }

    private static void Append(List<CopyOp> copies, int page, long baseOffset)
    {
        if (
            copies.Count > 0
            && copies[^1] is var before
            && before.FirstPage + before.PageCount == page
            && before.BaseOffsetBytes + ((long)before.PageCount * BlockLayout.PageSizeBytes) == baseOffset
        )
        {
            copies[^1] = before with { PageCount = before.PageCount + 1 };
            return;
        }

        copies.Add(new CopyOp(page, 1, baseOffset));
    }

    private static int FirstEndingBehind(IReadOnlyList<MatchSpan> spans, long offset)
    {
        var low = 0;
        var high = spans.Count;
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (spans[middle].SourceEndBytes <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        Debug.Assert(low == spans.Count || spans[low].SourceEndBytes > offset, "ends behind the offset");
        return low;
    }
}
