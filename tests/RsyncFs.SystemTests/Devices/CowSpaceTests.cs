using RsyncFs.Linux.Lvm;
using Xunit;

namespace RsyncFs.SystemTests.Devices;

public sealed class CowSpaceTests
{
    private const long MiB = 1024 * 1024;
    private const long GiB = 1024 * MiB;

    /// <summary>LVM refuses a size that is no whole number of sectors, and takes whole extents.</summary>
    [Theory]
    [InlineData(1, 4)]
    [InlineData(1000, 4)]
    [InlineData(64, 1)]
    [InlineData(37, 32)]
    public void ATenthIsRoundedUpToWholeExtents(long volumeGiB, long extentMiB)
    {
        var bytes = CowSpace.Default.Of(volumeGiB * GiB, long.MaxValue, extentMiB * MiB);
        Assert.Equal(0, bytes % (extentMiB * MiB));
        Assert.InRange(bytes - (volumeGiB * GiB / 10), 0, extentMiB * MiB);
    }

    [Fact]
    public void OfASmallVolumeItIsSixteenMebibytes() =>
        Assert.Equal(16 * MiB, CowSpace.Default.Of(64 * MiB, long.MaxValue, 4 * MiB));

    /// <summary>As far as the group has it, and never less than what was asked for.</summary>
    [Theory]
    [InlineData(1000, 300)]
    [InlineData(103, 100)]
    [InlineData(10, 20)]
    public void WhatWasNeededBeforeIsTakenIfItIsFree(long freeMiB, long expectedMiB)
    {
        var space = new CowSpace(0, 17 * MiB) { NeededBytes = 300 * MiB };
        Assert.Equal(expectedMiB * MiB, space.Of(GiB, freeMiB * MiB, 4 * MiB));
    }
}
