using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Commands;
using RsyncFs.Cli.Output;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class SmallTextTests
{
    [Theory]
    [InlineData(0, "0ms")]
    [InlineData(0.31, "310ms")]
    [InlineData(0.9996, "1.0s")]
    [InlineData(4.84, "4.8s")]
    [InlineData(59.94, "59.9s")]
    [InlineData(59.96, "1m00s")]
    [InlineData(143, "2m23s")]
    [InlineData(3599.9, "1h00m")]
    [InlineData(11520, "3h12m")]
    [InlineData(1051200, "12d4h")]
    public void DurationsHaveTwoPartsAtMost(double seconds, string text) =>
        Assert.Equal(text, DurationText.Of(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void GenerationsShowEightDigits() =>
        Assert.Equal("g1f2e3d4c", GenerationText.Of(Reports.Generation));

    [Theory]
    [InlineData("--dryrun", "--dry-run")]
    [InlineData("--Json", "--json")]
    [InlineData("compar", "compare")]
    [InlineData("rolilng", "rolling")]
    [InlineData("something", null)]
    [InlineData("xy", null)]
    public void TheNearestWordIsNotFarAway(string typed, string? nearest) =>
        Assert.Equal(nearest, NearestWord.Find(typed, ["--json", "--dry-run", "compare", "rolling"]));

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("ab", "ba", 1)]
    [InlineData("ca", "abc", 3)]
    public void DistanceCountsLettersAndExchanges(string first, string second, int distance)
    {
        Assert.Equal(distance, NearestWord.Distance(first, second));
        Assert.Equal(distance, NearestWord.Distance(second, first));
    }

    [Theory]
    [InlineData("-nq a -vv", "-n -q a -v -v")]
    [InlineData("-nz --json -", "-nz --json -")]
    [InlineData("-v -- -nq", "-v -- -nq")]
    public void FlagsWrittenTogetherAreTakenApart(string line, string expected) =>
        Assert.Equal(expected.Split(' '), FlagBundle.Split(line.Split(' ')));

    [Fact]
    public void StateHasItsPlaceForRootAndForOthers()
    {
        Assert.Equal("/var/lib/rsyncfs", StateDirectory.Default(isRoot: true, "/x", "/h"));
        Assert.Equal("/x/rsyncfs", StateDirectory.Default(isRoot: false, "/x", "/h"));
        Assert.Equal("/h/.local/state/rsyncfs", StateDirectory.Default(isRoot: false, "relative", "/h"));
        Assert.Equal("/h/.local/state/rsyncfs", StateDirectory.Default(isRoot: false, null, "/h"));
        Refusal.Of(() => StateDirectory.Default(isRoot: false, "", ""));
    }
}
