using RsyncFs.Cli.Arguments;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class TimeLengthTests
{
    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("30s", 30)]
    [InlineData("5m", 300)]
    [InlineData("1.5h", 5400)]
    [InlineData("7d", 604800)]
    [InlineData("0s", 0)]
    public void ReadsANumberAndAUnit(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), TimeLength.Parse(text));

    [Theory]
    [InlineData("7", "has no unit")]
    [InlineData("", "is not a length of time")]
    [InlineData("d", "is not a length of time")]
    [InlineData("-7d", "is not a length of time")]
    [InlineData("7 d", "unknown unit ' d'")]
    [InlineData("7D", "unknown unit 'D'")]
    [InlineData("7w", "unknown unit 'w'")]
    [InlineData("40000d", "beyond a hundred years")]
    [InlineData("79228162514264337593543950335d", "beyond a hundred years")]
    public void RefusesWhatIsNone(string text, string message) =>
        Assert.Contains(message, Refusal.Of(() => TimeLength.Parse(text)).Message, StringComparison.Ordinal);
}
