using Xunit;

namespace RsyncFs.Tests.FileSystems;

/// <summary>Which logs of XFS change nothing that is free, and which may.</summary>
public sealed class XfsLogTests
{
    private const uint Cycle = XfsImage.Cycle;
    private const string Replay = "must be replayed";

    [Fact]
    public void AnUnmountIsClean() => AssertClean(Written(XfsLogText.OtherBlock, [XfsLogText.Unmount]));

    [Fact]
    public void SomethingBehindAnUnmountIsDoubted() =>
        AssertDoubted(Written([XfsLogText.Unmount], XfsLogText.OtherBlock), Replay);

    [Fact]
    public void AFreezeIsClean() =>
        AssertClean(Written(XfsLogText.OtherBlock, XfsLogText.Superblock, XfsLogText.Superblock));

    /// <summary>Before Linux 5.12.</summary>
    [Fact]
    public void AFreezeOfAnOlderKernelIsClean() =>
        AssertClean(Written(XfsLogText.OtherBlock, [XfsLogText.Unmount], XfsLogText.Superblock));

    [Fact]
    public void OtherBlocksBetweenTailAndHeadAreDoubted()
    {
        AssertDoubted(Written(XfsLogText.Superblock, XfsLogText.OtherBlock, XfsLogText.Superblock), Replay);
        AssertDoubted(Written(XfsLogText.Superblock, XfsLogText.Superblock, XfsLogText.OtherBlock), Replay);
        AssertDoubted(Written(XfsLogText.Superblock, XfsLogText.Inode, XfsLogText.Superblock), Replay);
        AssertDoubted(
            Written(XfsLogText.Superblock, [.. XfsLogText.Superblock, .. XfsLogText.Inode]),
            Replay
        );
    }

    [Fact]
    public void AnUnfinishedTransactionIsDoubted()
    {
        AssertDoubted(Written(XfsLogText.Superblock, XfsLogText.Superblock[..^1]), Replay);
        AssertDoubted(Written(XfsLogText.Superblock, XfsLogText.Superblock[1..]), Replay);
    }

    [Fact]
    public void ARecordThatWrapsIsRead()
    {
        for (var start = XfsImage.LogSectors - 6; start < XfsImage.LogSectors; start++)
        {
            AssertClean(
                WrittenFrom(start, XfsLogText.OtherBlock, XfsLogText.Superblock, XfsLogText.Superblock)
            );
            AssertClean(WrittenFrom(start, XfsLogText.OtherBlock, [XfsLogText.Unmount]));
            AssertDoubted(
                WrittenFrom(start, XfsLogText.Superblock, XfsLogText.Inode, XfsLogText.Superblock),
                Replay
            );
        }
    }

    /// <summary>What xfs_repair leaves: older sectors behind the head.</summary>
    [Fact]
    public void OlderSectorsBehindTheHeadAreNoMatter()
    {
        var image = XfsImage.Unmounted(hasChecksums: true);
        for (var sector = 2; sector < 90; sector++)
        {
            image.Put32(SectorAt(sector), 0);
        }

        AssertClean(image);
    }

    [Fact]
    public void ANewerSectorBehindTheHeadIsDoubted()
    {
        for (var sector = 3; sector < 90; sector++)
        {
            var image = XfsImage.Unmounted(hasChecksums: true);
            image.Put32(SectorAt(sector), Cycle);
            Assert.NotNull(image.Find().Doubt);
        }
    }

    [Fact]
    public void AnOlderSectorBeforeTheHeadIsDoubted()
    {
        for (var sector = 0; sector < 4; sector++)
        {
            var image = Written(XfsLogText.Superblock, XfsLogText.Superblock);
            image.Put32(SectorAt(sector), Cycle - 1);
            Assert.NotNull(image.Find().Doubt);
        }
    }

    [Fact]
    public void ADamagedRecordIsDoubted()
    {
        foreach (var sector in new[] { 3, 5 })
        {
            var image = Written(XfsLogText.OtherBlock, XfsLogText.Superblock, XfsLogText.Superblock);
            image.Bytes[SectorAt(sector) + 200] ^= 1;
            AssertDoubted(image, "damaged");
        }
    }

    [Fact]
    public void ALogThatWasNeverWrittenIsDoubted()
    {
        var image = new XfsImage(hasChecksums: true);
        AssertDoubted(image, "no last record");
        image.Bytes.AsSpan(XfsImage.LogAt, XfsImage.LogSectors * 512).Clear();
        AssertDoubted(image, "empty");
    }

    private static int SectorAt(int sector) => XfsImage.LogAt + (sector * 512);

    private static XfsImage Written(params byte[][][] records) => WrittenFrom(0, records);

    // The tail of each record is the one before, and of the first itself.
    private static XfsImage WrittenFrom(int start, params byte[][][] records)
    {
        var image = new XfsImage(hasChecksums: true);
        for (var sector = 0; sector < start; sector++)
        {
            image.Put32(SectorAt(sector), Cycle);
        }

        var (tail, at, cycle) = (start, start, Cycle);
        foreach (var record in records)
        {
            var next = image.Record(at, cycle, tail, record);
            (tail, cycle) = (at, next < at ? cycle + 1 : cycle);
            at = next;
        }

        return image;
    }

    private static void AssertClean(XfsImage image)
    {
        var map = image.Find();
        Assert.Null(map.Doubt);
        Assert.Equal(XfsImage.Free, map.Extents);
    }

    private static void AssertDoubted(XfsImage image, string doubt) =>
        Assert.Contains(doubt, image.Find().Doubt, StringComparison.Ordinal);
}
