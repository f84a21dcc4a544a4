using Xunit;

namespace RsyncFs.Tests.FileSystems;

public sealed class XfsFreeSpaceTests
{
    public static TheoryData<bool> Versions => new(true, false);

    [Theory]
    [MemberData(nameof(Versions))]
    public void CallsFreeWhatTheTreesCallFree(bool hasChecksums)
    {
        var map = XfsImage.Unmounted(hasChecksums).Find();
        Assert.Null(map.Doubt);
        Assert.Equal("xfs", map.FileSystem);
        Assert.Equal(XfsImage.Free, map.Extents);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void ATreeThatNamesARunTwiceIsDoubted(bool hasChecksums)
    {
        var image = XfsImage.Unmounted(hasChecksums);
        image.Leaf(0, XfsImage.SecondLeaf, (140, 12));
        image.Node(0, XfsImage.RootBlock, (20, XfsImage.FirstLeaf), (140, XfsImage.SecondLeaf));
        AssertDoubted(image, "run of 12 blocks at 140");
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void ATreeThatLeadsBackToItselfIsDoubted(bool hasChecksums)
    {
        var image = XfsImage.Unmounted(hasChecksums);
        image.Node(0, XfsImage.RootBlock, (20, XfsImage.FirstLeaf), (200, XfsImage.RootBlock));
        AssertDoubted(image, "something else in block 4");

        image.Node(0, XfsImage.RootBlock, (20, XfsImage.FirstLeaf), (20, XfsImage.FirstLeaf));
        AssertDoubted(image, "run of 5 blocks at 20");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(XfsImage.GroupBlocks)]
    [InlineData(XfsImage.GroupBlocks + XfsImage.RootBlock)]
    public void APointerOutOfItsGroupIsDoubted(int block)
    {
        var image = XfsImage.Unmounted(hasChecksums: true);
        image.Node(0, XfsImage.RootBlock, (20, XfsImage.FirstLeaf), (200, block));
        AssertDoubted(image, $"pointer to block {block}");
    }

    [Theory]
    [InlineData(XfsImage.HeaderBlocks - 1, 9, "run of 9 blocks at 3")]
    [InlineData(XfsImage.RootBlock, 2, "is called free")]
    [InlineData(XfsImage.LogBlock - 1, 2, "is called free")]
    [InlineData(XfsImage.LogBlock + XfsImage.LogSectors - 1, 1, "is called free")]
    [InlineData(XfsImage.GroupBlocks - 1, 2, "run of 2 blocks")]
    [InlineData(100, 0, "run of 0 blocks")]
    [InlineData(100, 61, "61 blocks")]
    public void ARunThatCanNotBeFreeIsDoubted(int start, int count, string doubt)
    {
        var image = XfsImage.Unmounted(hasChecksums: true);
        image.Leaf(1, XfsImage.RootBlock, (start, count));
        AssertDoubted(image, doubt);
    }

    [Fact]
    public void AnOddHeaderOfAGroupIsDoubted()
    {
        foreach (
            var (length, levels, free) in new[] { (511, 1, 60), (512, 0, 60), (512, 10, 60), (512, 1, 513) }
        )
        {
            var image = XfsImage.Unmounted(hasChecksums: true);
            image.Group(1, length, levels, free);
            AssertDoubted(image, "header of allocation group 1");
        }
    }

    [Theory]
    [InlineData(4, 1024, "block size")]
    [InlineData(4, 0, "block size")]
    [InlineData(12, XfsImage.BlockCount + 1, "number of blocks")]
    [InlineData(84, 511, "its log")]
    [InlineData(84, 1, "allocation groups")]
    [InlineData(88, 2, "number of allocation groups")]
    [InlineData(88, 0, "number of allocation groups")]
    [InlineData(96, 300, "place of its log")]
    [InlineData(52, 0, "another device")]
    [InlineData(52, 5000, "place of its log")]
    [InlineData(216, 0x10, "not known")]
    [InlineData(216, 0x100, "not known")]
    [InlineData(212, 0x10, "not known")]
    public void AnOddSuperblockIsDoubted(int at, long value, string doubt)
    {
        var image = XfsImage.Unmounted(hasChecksums: true);
        image.Put32(at, (uint)value);
        AssertDoubted(image, doubt);
    }

    [Theory]
    [InlineData(0, "superblock")]
    [InlineData(512, "header of allocation group 0")]
    [InlineData(XfsImage.FirstLeaf * 512, "free space tree")]
    public void AWrongChecksumIsDoubted(int at, string what)
    {
        var image = XfsImage.Unmounted(hasChecksums: true);
        image.Bytes[at + 300] ^= 1;
        Assert.Contains($"the checksum of its {what}", image.Find().Doubt, StringComparison.Ordinal);
    }

    /// <summary>All but the records of the trees of version 4, which nothing proves: the kernel has no better word either.</summary>
    [Theory]
    [MemberData(nameof(Versions))]
    public void NoFlippedBitCallsAUsedBlockFree(bool hasChecksums)
    {
        var image = XfsImage.Unmounted(hasChecksums);
        var known = image.Find();
        var chance = TestSeed.NewRandom();
        foreach (var sector in Metadata())
        {
            var isTree =
                sector / XfsImage.BlockBytes % XfsImage.GroupBlocks is >= XfsImage.RootBlock and < 299;
            for (var at = sector; at < sector + (isTree && !hasChecksums ? 16 : 512); at++)
            {
                Flips.AssertNothingBecomesFree(known, image.Bytes, at, 1 << chance.Next(8));
            }
        }
    }

    private static IEnumerable<int> Metadata()
    {
        yield return 0;
        yield return XfsImage.LogAt;
        yield return XfsImage.LogAt + 512;
        yield return XfsImage.LogAt + (XfsImage.LogSectors / 2 * 512);
        for (var group = 0; group < 3; group++)
        {
            yield return XfsImage.At(group, 1);
            yield return XfsImage.At(group, XfsImage.RootBlock);
        }

        yield return XfsImage.At(0, XfsImage.FirstLeaf);
        yield return XfsImage.At(0, XfsImage.SecondLeaf);
    }

    private static void AssertDoubted(XfsImage image, string doubt)
    {
        image.Seal();
        var map = image.Find();
        Assert.Contains(doubt, map.Doubt, StringComparison.Ordinal);
        Assert.Equal([], map.Extents);
    }
}
