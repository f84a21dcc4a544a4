using RsyncFs.Devices;
using Xunit;

namespace RsyncFs.Tests.Devices;

public sealed class DeviceRangeTests
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(511, 0, 0)]
    [InlineData(0, 1, 1)]
    [InlineData(0, 512, 1)]
    [InlineData(511, 2, 2)]
    [InlineData(512, 512, 1)]
    [InlineData(1, 1024, 3)]
    [InlineData(long.MaxValue - 4095, 4095, 8)]
    public void CountsEverySectorThatARangeTouches(long offset, long length, long sectors) =>
        Assert.Equal(sectors, DeviceRange.SectorsTouched(offset, length));
}
