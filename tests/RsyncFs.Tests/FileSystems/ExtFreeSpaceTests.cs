using Xunit;

namespace RsyncFs.Tests.FileSystems;

public sealed class ExtFreeSpaceTests
{
    private const uint NoChecksums = 0;
    private const uint GroupChecksums = 0x10;
    private const uint MetadataChecksums = 0x400;

    public static TheoryData<uint, bool> Kinds =>
        new()
        {
            { NoChecksums, false },
            { GroupChecksums, false },
            { GroupChecksums, true },
            { MetadataChecksums, false },
            { MetadataChecksums, true },
        };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void CallsFreeWhatTheBitmapsCallFree(uint checksums, bool is64Bit)
    {
        var map = new ExtImage(checksums, is64Bit).Find();
        Assert.Null(map.Doubt);
        Assert.Equal("ext4", map.FileSystem);
        Assert.Equal(ExtImage.Free, map.Extents);
        Assert.Equal(ExtImage.Free.Sum(extent => extent.LengthBytes), map.FreeBytes);
    }

    [Fact]
    public void WhatLiesBehindTheFileSystemIsUsed()
    {
        Assert.Equal(
            ExtImage.Free,
            new ExtImage(MetadataChecksums, true, extraBytes: 1_000_000).Find().Extents
        );
    }

    /// <summary>Its metadata are in the first group; nothing is in it but copies of the superblock and the descriptors.</summary>
    [Theory]
    [InlineData(5, 2)]
    [InlineData(2, 0)]
    public void AGroupWithoutABitmapHasOnlyMetadata(int group, int usedCount)
    {
        var image = new ExtImage(GroupChecksums, false);
        image.ForgetBitmap(group);
        image.Seal();
        var map = image.Find();
        Assert.Null(map.Doubt);
        var first = ExtImage.FirstBlockOf(group);
        Assert.Contains(
            map.Extents,
            extent => !extent.Intersect(ExtImage.Blocks(first + usedCount, 256 - usedCount)).IsEmpty
        );
        Assert.All(
            map.Extents,
            extent => Assert.True(extent.Intersect(ExtImage.Blocks(first, usedCount)).IsEmpty)
        );
        Assert.Equal(ExtImage.Free, map.Extents);
    }

    [Fact]
    public void MetadataOfAnotherGroupInAGroupWithoutABitmapAreUsed()
    {
        var image = new ExtImage(GroupChecksums, false);
        image.ForgetBitmap(2);

        // The inode table of group 4 moves to the middle of group 2.
        var at = ExtImage.FirstBlockOf(2) + 77;
        image.Put32(image.DescriptorAt(4) + 8, (uint)at);
        image.Bytes[image.DescriptorAt(2) + 0x0C] = 254;
        image.Bytes[image.DescriptorAt(2) + 0x0D] = 0;
        image.Seal();
        var map = image.Find();
        Assert.Null(map.Doubt);
        Assert.Equal(
            ExtImage.Free.Sum(extent => extent.LengthBytes) - (2 * ExtImage.BlockBytes),
            map.FreeBytes
        );
        Assert.All(map.Extents, extent => Assert.True(extent.Intersect(ExtImage.Blocks(at, 2)).IsEmpty));
    }

    [Fact]
    public void AGroupWithoutABitmapAndWithMoreInUseIsDoubted()
    {
        var image = new ExtImage(GroupChecksums, false);
        image.ForgetBitmap(2);
        image.Bytes[image.DescriptorAt(2) + 0x0C] = 255;
        image.Bytes[image.DescriptorAt(2) + 0x0D] = 0;
        image.Seal();
        AssertDoubted(image, "more in use than metadata");
    }

    [Theory]
    [InlineData(0x3A, 0, "not unmounted cleanly")]
    [InlineData(0x3A, 3, "errors")]
    [InlineData(0x3A, 5, "not unmounted cleanly")]
    [InlineData(0x60, 0x246, "must be replayed")]
    [InlineData(0x60, 0x24A, "not known")]
    [InlineData(0x60, 0x243, "not known")]
    [InlineData(0x60, 0x40000242, "not known")]
    [InlineData(0x64, 0x80 | MetadataChecksums, "not known")]
    [InlineData(0x4C, 2, "revision")]
    [InlineData(0xE4, 0x801, "another device")]
    [InlineData(0xE0, 0, "another device")]
    [InlineData(0x04, ExtImage.BlockCount + 1, "number of blocks")]
    [InlineData(0x04, 0, "number of blocks")]
    [InlineData(0x14, 0, "first data block")]
    [InlineData(0x18, 7, "block size")]
    [InlineData(0x20, 0, "blocks in a group")]
    [InlineData(0x20, 8200, "blocks in a group")]
    [InlineData(0x20, 8, "number of inodes")]
    [InlineData(0x28, 0, "inodes in a group")]
    [InlineData(0x00, 1, "number of inodes")]
    public void AnOddSuperblockIsDoubted(int at, long value, string doubt)
    {
        var image = new ExtImage(MetadataChecksums, false);
        image.Set32(at, (uint)value);
        image.Seal();
        AssertDoubted(image, doubt);
    }

    [Fact]
    public void TwoGroupsThatClaimOneBlockAreDoubted()
    {
        var image = new ExtImage(NoChecksums, false);
        image.Put32(image.DescriptorAt(3), 3);
        AssertDoubted(image, "claim");
    }

    [Theory]
    [InlineData(ExtImage.BlockCount)]
    [InlineData(0)]
    [InlineData(1)]
    public void ABitmapThatIsNowhereIsDoubted(int block)
    {
        var image = new ExtImage(NoChecksums, false);
        image.Put32(image.DescriptorAt(3), (uint)block);
        AssertDoubted(image, "outside");
    }

    [Theory]
    [InlineData(ExtImage.SuperblockAt + 0x88, "its superblock")]
    [InlineData(ExtImage.DescriptorsAt + 0x10, "the descriptor of group 0")]
    [InlineData(ExtImage.BitmapsAt + ExtImage.BlockBytes, "the block bitmap of group 1")]
    public void AWrongChecksumIsDoubted(int at, string doubt)
    {
        var image = new ExtImage(MetadataChecksums, true);
        image.Bytes[at] ^= 4;
        AssertDoubted(image, $"the checksum of {doubt} is wrong");
    }

    /// <summary>Also where there are no checksums: the counts of free blocks and the layout find it.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void NoFlippedBitCallsAUsedBlockFree(uint checksums, bool is64Bit)
    {
        var image = new ExtImage(checksums, is64Bit);
        if (checksums != NoChecksums)
        {
            image.ForgetBitmap(5);
            image.Seal();
        }

        var known = image.Find();
        Assert.Null(known.Doubt);
        var chance = TestSeed.NewRandom();
        for (var at = 0; at < ExtImage.BitmapAt(ExtImage.GroupCount); at++)
        {
            Flips.AssertNothingBecomesFree(known, image.Bytes, at, 1 << chance.Next(8));
        }
    }

    [Fact]
    public void NoRandomSuperblockDoesHarm()
    {
        var chance = TestSeed.NewRandom();
        for (var round = 0; round < 3000; round++)
        {
            // Without the checksum all of it is looked at.
            var image = new ExtImage(chance.Next(2) == 0 ? NoChecksums : GroupChecksums, chance.Next(2) == 0);
            for (var change = chance.Next(1, 4); change > 0; change--)
            {
                var at = chance.Next(3) == 0 ? chance.Next(0x400) : chance.Next(0x60);
                chance.NextBytes(image.Bytes.AsSpan(ExtImage.SuperblockAt + at, chance.Next(1, 5)));
            }

            var map = image.Find();
            Assert.All(map.Extents, extent => Assert.InRange(extent.EndBytes, 1, image.Bytes.Length));
        }
    }

    private static void AssertDoubted(ExtImage image, string doubt)
    {
        var map = image.Find();
        Assert.Contains(doubt, map.Doubt, StringComparison.Ordinal);
        Assert.Equal([], map.Extents);
        Assert.Equal("ext4", map.FileSystem);
    }
}
