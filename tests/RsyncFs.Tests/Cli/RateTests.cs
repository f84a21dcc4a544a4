using RsyncFs.Cli.Arguments;
using RsyncFs.Protocol;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class RateTests
{
    [Theory]
    [InlineData("100MiB/s", 100L * 1024 * 1024)]
    [InlineData("512KiB/s", 512L * 1024)]
    [InlineData("2GiB/s", 2L * 1024 * 1024 * 1024)]
    [InlineData("65536B/s", 65536)]
    [InlineData("1.5MiB/s", 1536 * 1024)]
    [InlineData("40Mbit/s", 5_000_000)]
    [InlineData("1Gbit/s", 125_000_000)]
    [InlineData("800kbit/s", 100_000)]
    [InlineData("2.5Gbit/s", 312_500_000)]
    [InlineData("524288bit/s", 65536)]
    [InlineData("40 Mbit/s", 5_000_000)]
    [InlineData(" 40Mbit/s ", 5_000_000)]
    [InlineData("40mbit/s", 5_000_000)]
    [InlineData("40MBIT/S", 5_000_000)]
    [InlineData("512kiB/s", 512 * 1024)]
    [InlineData("512KIB/S", 512 * 1024)]
    [InlineData("64KiB/s", 65536)]
    [InlineData("800.008kbit/s", 100_001)]
    [InlineData("800.015kbit/s", 100_001)]
    [InlineData("9223372036854775807B/s", long.MaxValue)]
    public void ReadsANumberAndAUnit(string text, long bytesPerSecond) =>
        Assert.Equal(new Rate(bytesPerSecond), Rate.Parse(text));

    [Fact]
    public void OffIsNoLimit()
    {
        Assert.Null(Rate.Parse("off").BytesPerSecond);
        Assert.Equal(Rate.Unlimited, Rate.Parse("off"));
        Assert.Equal("off", Rate.Unlimited.ToString());
    }

    [Theory]
    [InlineData("100", "rate '100' has no unit: are bits meant, or bytes?")]
    [InlineData("0", "rate '0' has no unit")]
    [InlineData("1.5", "rate '1.5' has no unit")]
    [InlineData("", "'' is not a rate")]
    [InlineData("fast", "'fast' is not a rate")]
    [InlineData("Off", "'Off' is not a rate")]
    [InlineData("-1MiB/s", "'-1MiB/s' is not a rate")]
    [InlineData("+1MiB/s", "'+1MiB/s' is not a rate")]
    [InlineData("1,5MiB/s", "unknown unit ',5MiB/s'")]
    [InlineData("1.2.3MiB/s", "'1.2.3MiB/s' is not a rate")]
    [InlineData("MiB/s", "'MiB/s' is not a rate")]
    [InlineData("1e3MiB/s", "unknown unit 'e3MiB/s'")]
    [InlineData("100MiB", "unknown unit 'MiB'")]
    [InlineData("40Mbit", "unknown unit 'Mbit'")]
    [InlineData("40Mbps", "unknown unit 'Mbps'")]
    [InlineData("40M", "unknown unit 'M'")]
    [InlineData("40Mb/s", "unknown unit 'Mb/s'")]
    [InlineData("40MB/s", "unknown unit 'MB/s'")]
    [InlineData("40Mib/s", "'Mib/s' may mean bits or bytes")]
    [InlineData("40mib/s", "'mib/s' may mean bits or bytes")]
    [InlineData("999999b/s", "'b/s' may mean bits or bytes")]
    [InlineData("40MiB/m", "unknown unit 'MiB/m'")]
    [InlineData("40MiB /s", "unknown unit 'MiB /s'")]
    [InlineData("0MiB/s", "rate '0MiB/s' is below 64KiB/s, the least")]
    [InlineData("65535B/s", "rate '65535B/s' is below 64KiB/s, the least")]
    [InlineData("500kbit/s", "rate '500kbit/s' is below 64KiB/s, the least")]
    [InlineData("9223372036854775808B/s", "beyond 8 EiB/s")]
    [InlineData("9999999999999999999999999999Gbit/s", "beyond 8 EiB/s")]
    [InlineData("99999999999999999999999999999999Gbit/s", "is not a rate")]
    public void RefusesWhatIsNone(string text, string message) =>
        Assert.Contains(message, Refusal.Of(() => Rate.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void TheHintsSayWhatToWriteAndWhyLessIsNotPossible()
    {
        var bare = Refusal.Of(() => Rate.Parse("100")).Hint;
        Assert.Equal(
            "bits have powers of 1000: 800kbit/s 40Mbit/s 1Gbit/s; bytes of 1024: 512KiB/s 100MiB/s; no limit: off",
            bare
        );
        Assert.Equal(
            "a receiver takes a sender for stalled whose frames come slower than 64KiB/s, which is 525kbit/s; no limit: off",
            Refusal.Of(() => Rate.Parse("1KiB/s")).Hint
        );
        // The two numbers of that hint are what they say.
        Assert.Equal(ProtocolLimits.MinSendBytesPerSecond, Rate.Parse("64KiB/s").BytesPerSecond);
        Assert.InRange(
            Rate.Parse("525kbit/s").BytesPerSecond!.Value,
            ProtocolLimits.MinSendBytesPerSecond,
            ProtocolLimits.MinSendBytesPerSecond + 125
        );
    }

    [Theory]
    [InlineData("100MiB/s", "100MiB/s")]
    [InlineData("1024KiB/s", "1MiB/s")]
    [InlineData("1.5MiB/s", "1536KiB/s")]
    [InlineData("1000Mbit/s", "1Gbit/s")]
    [InlineData("2.5Gbit/s", "2500Mbit/s")]
    [InlineData("5000000B/s", "40Mbit/s")]
    [InlineData("800kbit/s", "800kbit/s")]
    [InlineData("100001B/s", "100001B/s")]
    [InlineData("8388608kbit/s", "1000MiB/s")]
    public void PrintsTheLargestUnitThatLeavesNoFraction(string text, string printed) =>
        Assert.Equal(printed, Rate.Parse(text).ToString());

    [Fact]
    public void WhatIsPrintedIsReadAsTheSame()
    {
        string[] units = ["bit/s", "B/s", "kbit/s", "KiB/s", "Mbit/s", "MiB/s", "Gbit/s", "GiB/s"];
        string[] numbers =
        [
            "1",
            "8",
            "64",
            "525",
            "999",
            "1000",
            "1024",
            "65536",
            "524288",
            "1000000",
            "1.5",
        ];
        var read = 0;
        foreach (var unit in units)
        {
            foreach (var number in numbers)
            {
                if (Record.Exception(() => Rate.Parse(number + unit)) is null)
                {
                    var rate = Rate.Parse(number + unit);
                    Assert.Equal(rate, Rate.Parse(rate.ToString()));
                    read++;
                }
            }
        }

        Assert.Equal(64, read);
        var random = TestSeed.NewRandom();
        for (var i = 0; i < 10_000; i++)
        {
            var rate = new Rate(
                random.NextInt64(ProtocolLimits.MinSendBytesPerSecond, 1L << random.Next(17, 63))
            );
            Assert.Equal(rate, Rate.Parse(rate.ToString()));
        }
    }
}
