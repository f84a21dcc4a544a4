using RsyncFs.Cli.Arguments;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("64KiB", 65536)]
    [InlineData("4kib", 4096)]
    [InlineData("176.0 MiB", 184549376)]
    [InlineData("1.5GiB", 1610612736)]
    [InlineData("2TiB", 2199023255552)]
    [InlineData("10KB", 10_000)]
    [InlineData("11.4MB", 11_400_000)]
    [InlineData("1GB", 1_000_000_000)]
    [InlineData("3TB", 3_000_000_000_000)]
    [InlineData("0 B", 0)]
    [InlineData("0", 0)]
    [InlineData(" 512B ", 512)]
    [InlineData("0.3KiB", 307)]
    public void ReadsSizesWithUnits(string text, long bytes) =>
        Assert.Equal(bytes, ByteSize.Parse(text).Bytes);

    [Theory]
    [InlineData("65536", "has no unit")]
    [InlineData("64K", "unknown unit 'K'")]
    [InlineData("64kbit", "unknown unit 'kbit'")]
    [InlineData("", "is not a size")]
    [InlineData("KiB", "is not a size")]
    [InlineData("-1KiB", "is not a size")]
    [InlineData("1.2.3KiB", "is not a size")]
    [InlineData("1,5KiB", "unknown unit")]
    [InlineData("9000000TiB", "beyond")]
    [InlineData("99999999999999999999999999999999TiB", "is not a size")]
    public void RefusesWhatIsNoSizeOrHasNoUnit(string text, string reason) =>
        Assert.Contains(reason, Refusal.Of(() => ByteSize.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(184549376, "176.0 MiB")]
    [InlineData(53687091200, "50.0 GiB")]
    [InlineData(1048575, "1.0 MiB")]
    [InlineData(1047552, "1023.0 KiB")]
    [InlineData(long.MaxValue, "8388608.0 TiB")]
    public void PrintsOneDigitBehindThePoint(long bytes, string text) =>
        Assert.Equal(text, new ByteSize(bytes).ToString());

    [Fact]
    public void ReadsAgainWhatItPrinted()
    {
        const int Seed = 20260924;
        var random = new Random(Seed);
        for (var round = 0; round < 10_000; round++)
        {
            var bytes = random.NextInt64() >> random.Next(1, 63);
            var printed = new ByteSize(bytes).ToString();
            var again = ByteSize.Parse(printed).Bytes;

            // Printing rounds to one part in 20 of the unit; reading drops a fraction of a byte.
            Assert.True(
                Math.Abs(again - bytes) <= (bytes / 20) + 1,
                $"seed {Seed}: {bytes} printed {printed} read {again}"
            );
            Assert.Equal(printed, new ByteSize(again + (bytes < 1024 ? 0 : 1)).ToString());
        }
    }
}
