using System.Text;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.FileSystems;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.FileSystems;

public sealed class FreeSpaceTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(511)]
    [InlineData(2047)]
    [InlineData(100_000)]
    public void WhatIsNoFileSystemIsAllUsed(int lengthBytes)
    {
        var map = Find(new byte[lengthBytes]);
        Assert.Equal("", map.FileSystem);
        Assert.NotNull(map.Doubt);
        Assert.Equal([], map.Extents);
    }

    [Theory]
    [InlineData(0, "LUKS\u00ba\u00be", "LUKS")]
    [InlineData(512, "LABELONE", "LVM")]
    [InlineData(512, "EFI PART", "GPT")]
    [InlineData(4096, "\u00fc\u004e\u002b\u00a9", "RAID")]
    [InlineData(65600, "_BHRfS_M", "btrfs")]
    [InlineData(131072 + 5120, "\u000c\u00b1\u00ba\0\0\0\0\0", "ZFS")]
    [InlineData(131072 + 130048, "\0\0\0\0\0\u00ba\u00b1\u000c", "ZFS")]
    [InlineData(0, "XFSB", "both")]
    public void ASignatureOfAnotherIsDoubted(int at, string magic, string name)
    {
        var image = new ExtImage(0x400, is64Bit: true);
        Encoding.Latin1.GetBytes(magic).CopyTo(image.Bytes, at);
        Assert.Contains(name, image.Find().Doubt, StringComparison.Ordinal);
    }

    [Fact]
    public void APartitionTableIsDoubted()
    {
        var image = new ExtImage(0x400, is64Bit: true);
        image.Bytes[510] = 0x55;
        image.Bytes[511] = 0xAA;
        Assert.Null(image.Find().Doubt);
        image.Bytes[446 + 16 + 4] = 0x83;
        image.Bytes[446 + 16 + 13] = 1;
        Assert.Contains("partition table", image.Find().Doubt, StringComparison.Ordinal);
    }

    [Fact]
    public void ADeviceThatCanNotBeReadIsAnError()
    {
        var toCome = 0;
        using var device = new HookedDevice(new MemoryBlockDevice(new ExtImage(0, is64Bit: false).Bytes))
        {
            Reading = () =>
            {
                if (toCome-- == 0)
                {
                    throw new DeviceException(ErrorId.SourceIo, "it can not be read");
                }
            },
        };
        for (var count = 0; ; count++)
        {
            toCome = count;
            try
            {
                Assert.Null(FreeSpace.Find(device, witness: null, CancellationToken.None).Doubt);
                Assert.InRange(count, 3, 100);
                return;
            }
            catch (DeviceException)
            {
                // Never a doubt, never a map.
            }
        }
    }

    /// <summary>Another program knows kinds that we do not: what it does not call the same is in doubt.</summary>
    [Theory]
    [InlineData("ext4", true)]
    [InlineData("ext3", true)]
    [InlineData("xfs", false)]
    [InlineData("ocfs2", false)]
    [InlineData(null, false)]
    public void ASecondWitnessMustSeeTheSame(string? seen, bool isKnown)
    {
        var device = new MemoryBlockDevice(new ExtImage(0, is64Bit: false).Bytes);
        var map = FreeSpace.Find(device, member => member == 0 ? seen : "?", CancellationToken.None);
        Assert.Equal(isKnown, map.Doubt is null);
        Assert.Equal(isKnown, map.FreeBytes > 0);
        Assert.True(isKnown || map.Doubt!.Contains($"blkid sees {seen ?? "no"}", StringComparison.Ordinal));
    }

    [Fact]
    public void ItCanBeStopped()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var device = new MemoryBlockDevice(new ExtImage(0, is64Bit: false).Bytes);
        Assert.Throws<OperationCanceledException>(() => FreeSpace.Find(device, witness: null, stop.Token));
    }

    [Fact]
    public void OfTooManyRunsTheShortestAreGivenUp()
    {
        var free = new FreeExtents(1L << 40, maxCount: 8);
        for (var i = 0; i < 1000; i++)
        {
            // One in a hundred is long, and comes in two pieces.
            var at = i * 1_000_000L;
            free.Add(new Extent(at, 1024));
            if (i % 100 == 50)
            {
                free.Add(new Extent(at + 1024, 500_000));
            }
        }

        var extents = free.ToList();
        Assert.InRange(extents.Count, 4, 8);
        Assert.InRange(extents.Count(extent => extent.LengthBytes == 501_024), 4, 8);
    }

    [Fact]
    public void RunsThatTouchBecomeOneAndThoseOutOfOrderAreRefused()
    {
        var free = new FreeExtents(1000);
        free.Add(new Extent(10, 20));
        free.Add(new Extent(30, 20));
        free.Add(new Extent(60, 10));
        Assert.Throws<InvalidDataException>(() => free.Add(new Extent(69, 5)));
        Assert.Throws<InvalidDataException>(() => free.Add(new Extent(990, 11)));
        Assert.Throws<InvalidDataException>(() => free.Add(new Extent(80, 0)));
        Assert.Equal([new Extent(10, 40), new Extent(60, 10)], free.ToList());
    }

    /// <summary>The check values of the two, as catalogues of checksums give them.</summary>
    [Fact]
    public void ChecksumsAreThoseOfTheFormats()
    {
        Assert.Equal(0xE3069283, ~MetadataChecksum.Crc32C(uint.MaxValue, "123456789"u8));
        Assert.Equal(0x4B37, MetadataChecksum.Crc16(ushort.MaxValue, "123456789"u8));
    }

    private static FreeSpaceMap Find(byte[] content) =>
        FreeSpace.Find(new MemoryBlockDevice(content), witness: null, CancellationToken.None);
}
