using RsyncFs.Blocks;
using RsyncFs.Delta;
using Xunit;

namespace RsyncFs.Tests.Delta;

public sealed class CopyPlannerTests
{
    private const int Page = BlockLayout.PageSizeBytes;

    private static readonly BlockLayout Layout = new((2 * 65536) + 5000, 65536);

    [Fact]
    public void PagesOfOneSpanShareOneCopy()
    {
        var plan = CopyPlanner.Plan(Layout, 1, PageBitmap.All(16), [new MatchSpan(65536, 777, 65536)]);

        Assert.Equal([new CopyOp(0, 16, 777)], plan.Copies);
        Assert.True(plan.LiteralPages.IsEmpty);
    }

    [Fact]
    public void APageThatASpanCoversInPartStaysLiteral()
    {
        // One byte is missing of page 1, and one of page 5.
        var span = new MatchSpan(65536 + Page + 1, 1_000_000, (5 * Page) - 2);

        var plan = CopyPlanner.Plan(Layout, 1, PageBitmap.All(16), [span]);

        Assert.Equal([new CopyOp(2, 3, 1_000_000 + Page - 1)], plan.Copies);
        Assert.Equal(13, plan.LiteralPages.Count);
    }

    [Fact]
    public void APageThatOnlyTwoSpansCoverTogetherStaysLiteral()
    {
        MatchSpan[] spans = [new(0, 500, Page + 100), new(Page + 100, 90_000, (3 * Page) - 100)];

        var plan = CopyPlanner.Plan(Layout, 0, PageBitmap.All(16), spans);

        Assert.Equal([new CopyOp(0, 1, 500), new CopyOp(2, 2, 90_000 + Page - 100)], plan.Copies);
        Assert.True(plan.LiteralPages.Contains(1));
    }

    [Fact]
    public void APageThatNeedsNothingDividesACopy()
    {
        var needed = PageBitmap.All(16);
        needed.Remove(3);

        var plan = CopyPlanner.Plan(Layout, 0, needed, [new MatchSpan(0, 8192, 65536)]);

        Assert.Equal([new CopyOp(0, 3, 8192), new CopyOp(4, 12, 8192 + (4 * Page))], plan.Copies);
        Assert.True(plan.LiteralPages.IsEmpty);
    }

    [Fact]
    public void TheShortLastPageNeedsOnlyItsOwnBytes()
    {
        var plan = CopyPlanner.Plan(Layout, 2, PageBitmap.All(2), [new MatchSpan(131072, 3, 5000)]);
        Assert.Equal([new CopyOp(0, 2, 3)], plan.Copies);

        plan = CopyPlanner.Plan(Layout, 2, PageBitmap.All(2), [new MatchSpan(131072, 3, 4999)]);
        Assert.Equal([new CopyOp(0, 1, 3)], plan.Copies);
        Assert.True(plan.LiteralPages.Contains(1));
    }

    [Fact]
    public void WithoutSpansEverythingIsLiteral()
    {
        var plan = CopyPlanner.Plan(Layout, 0, PageBitmap.All(16), []);
        Assert.Empty(plan.Copies);
        Assert.Equal(16, plan.LiteralPages.Count);
    }

    [Fact]
    public void CopiesAndLiteralPagesAreTheNeededPagesAndCopiesAreTrue()
    {
        var random = TestSeed.NewRandom();
        var old = random.NextBytes(300_000);
        for (var i = 0; i < 2000; i++)
        {
            var layout = new BlockLayout(random.Next(1, 200_000), 4096 << random.Next(5));
            var source = random.NextBytes((int)layout.LengthBytes);
            var spans = CopyPieces(old, source, random);
            for (var block = 0L; block < layout.BlockCount; block++)
            {
                AssertPlanIsTrue(layout, block, RandomPages(layout, block, random), spans, old, source);
            }
        }
    }

    private static void AssertPlanIsTrue(
        BlockLayout layout,
        long block,
        PageBitmap needed,
        List<MatchSpan> spans,
        byte[] old,
        byte[] source
    )
    {
        var plan = CopyPlanner.Plan(layout, block, needed, spans);
        var copied = new PageBitmap(needed.PageCount);
        CopyOp? before = null;
        foreach (var copy in plan.Copies)
        {
            for (var page = copy.FirstPage; page < copy.FirstPage + copy.PageCount; page++)
            {
                Assert.False(copied.Contains(page), "page copied twice");
                copied.Add(page);
                var from = copy.BaseOffsetBytes + ((page - copy.FirstPage) * Page);
                var length = layout.PageLengthOf(block, page);
                var to = (int)layout.OffsetOf(block) + (page * Page);
                Assert.True(
                    old.AsSpan((int)from, length).SequenceEqual(source.AsSpan(to, length)),
                    $"{copy} has other bytes"
                );
            }

            Assert.True(
                before is not { } last
                    || last.FirstPage + last.PageCount != copy.FirstPage
                    || last.BaseOffsetBytes + (last.PageCount * Page) != copy.BaseOffsetBytes,
                $"{copy} belongs to the copy before it"
            );
            before = copy;
        }

        for (var page = 0; page < needed.PageCount; page++)
        {
            var offset = layout.OffsetOf(block) + (page * Page);
            var end = offset + layout.PageLengthOf(block, page);
            var isCovered = spans.Exists(s => s.SourceOffsetBytes <= offset && s.SourceEndBytes >= end);
            Assert.Equal(needed.Contains(page) && isCovered, copied.Contains(page));
            Assert.Equal(needed.Contains(page) && !isCovered, plan.LiteralPages.Contains(page));
        }
    }

    private static List<MatchSpan> CopyPieces(byte[] old, byte[] source, Random random)
    {
        var spans = new List<MatchSpan>();
        for (var at = 0; at < source.Length; )
        {
            var length = Math.Min(source.Length - at, random.Next(1, 40_000));
            if (random.Next(3) > 0)
            {
                var from = random.Next(old.Length - length);
                old.AsSpan(from, length).CopyTo(source.AsSpan(at));
                spans.Add(new MatchSpan(at, from, length));
            }

            at += length;
        }

        return spans;
    }

    private static PageBitmap RandomPages(BlockLayout layout, long block, Random random)
    {
        var pages = new PageBitmap((layout.LengthOf(block) + Page - 1) / Page);
        for (var page = 0; page < pages.PageCount; page++)
        {
            if (random.Next(4) > 0)
            {
                pages.Add(page);
            }
        }

        return pages;
    }
}
