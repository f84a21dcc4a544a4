using RsyncFs.Blocks;
using Xunit;

namespace RsyncFs.Tests.Blocks;

public sealed class RollingChecksumTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    [InlineData(65536)]
    [InlineData(65537)]
    public void RollingGivesWhatComputingAnewGives(int windowLength)
    {
        const int RollCount = 5000;
        var random = TestSeed.NewRandom();
        var data = random.NextBytes(windowLength + RollCount);
        data.AsSpan(RollCount / 3, RollCount / 3).Fill(0x80);

        var rolling = new RollingChecksum(data.AsSpan(0, windowLength));
        for (var i = 0; i < RollCount; i++)
        {
            rolling = rolling.Roll(data[i], data[i + windowLength]);
            var window = data.AsSpan(i + 1, windowLength);
            Assert.True(WeakChecksum.Compute(window) == rolling.Value, $"window at {i + 1}");
            Assert.Equal(new RollingChecksum(window), rolling);
        }
    }

    [Fact]
    public void RollingTheSameByteThroughKeepsAWindowOfThatByte()
    {
        var data = new byte[4096];
        data.AsSpan().Fill(0xa5);
        var rolling = new RollingChecksum(data);

        Assert.Equal(rolling, rolling.Roll(0xa5, 0xa5));
        Assert.Equal(rolling.GetHashCode(), rolling.Roll(0xa5, 0xa5).GetHashCode());
        Assert.NotEqual(rolling, rolling.Roll(0xa5, 0xa6));
    }
}
