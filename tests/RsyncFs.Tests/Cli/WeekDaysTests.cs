using RsyncFs.Cli.Arguments;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class WeekDaysTests
{
    private static readonly DayOfWeek[] FromMonday =
    [
        DayOfWeek.Monday,
        DayOfWeek.Tuesday,
        DayOfWeek.Wednesday,
        DayOfWeek.Thursday,
        DayOfWeek.Friday,
        DayOfWeek.Saturday,
        DayOfWeek.Sunday,
    ];

    [Theory]
    [InlineData("mon", "1000000", "mon")]
    [InlineData("sun", "0000001", "sun")]
    [InlineData("mon-fri", "1111100", "mon-fri")]
    [InlineData("sat,sun", "0000011", "sat,sun")]
    [InlineData("sat-sun", "0000011", "sat,sun")]
    [InlineData("mon-wed, fri", "1110100", "mon-wed,fri")]
    [InlineData("fri-mon", "1000111", "mon,fri-sun")]
    [InlineData("sun,mon,sun", "1000001", "mon,sun")]
    [InlineData("tue-tue", "0100000", "tue")]
    [InlineData("mon-sun", "1111111", "mon-sun")]
    [InlineData("wed-tue", "1111111", "mon-sun")]
    public void ReadsDaysAndRunsOfDays(string text, string week, string printed)
    {
        var days = WeekDays.Parse(text);
        Assert.Equal(week, string.Concat(FromMonday.Select(day => days.Contains(day) ? '1' : '0')));
        Assert.Equal(printed, days.ToString());
        Assert.Equal(days, WeekDays.Parse(printed));
    }

    [Theory]
    [InlineData("", "'' is not a day")]
    [InlineData("monday", "'monday' is not a day")]
    [InlineData("Mon", "'Mon' is not a day")]
    [InlineData("mon-", "'' is not a day")]
    [InlineData("mon,", "'' is not a day")]
    [InlineData("mon fri", "'mon fri' is not a day")]
    [InlineData("mon-wed-fri", "'mon-wed-fri' is neither a day nor a run of days")]
    public void RefusesWhatIsNone(string text, string message) =>
        Assert.Contains(message, Refusal.Of(() => WeekDays.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void EverySetOfDaysIsPrintedAsItIsRead()
    {
        for (var bits = 1; bits <= WeekDays.All.Bits; bits++)
        {
            var days = new WeekDays(bits);
            Assert.Equal(days, WeekDays.Parse(days.ToString()));
        }
    }
}
