using RsyncFs.Linux.Lvm;
using Xunit;

namespace RsyncFs.SystemTests.Devices;

/// <summary>What <c>dmsetup status</c> says of a classic snapshot.</summary>
public sealed class FillWatchTests
{
    [Theory]
    [InlineData("0 131072 snapshot 24592/32768 112", 75.05)]
    [InlineData("0 131072 snapshot 16/32768 16\n", 0.05)]
    public void SaysHowFullASnapshotIs(string status, double percent) =>
        Assert.Equal(percent, FillWatch.PercentOf(status)!.Value, 2);

    [Theory]
    [InlineData("0 131072 snapshot Invalid")]
    [InlineData("0 131072 snapshot Overflow")]
    [InlineData("0 131072 snapshot 5/0 0")]
    [InlineData("0 131072 linear")]
    [InlineData("")]
    public void OfOneThatRanFullItKnowsNothing(string status) => Assert.Null(FillWatch.PercentOf(status));
}
