using System.Globalization;
using RsyncFs.Cli.Arguments;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class RateScheduleTests
{
    private static readonly Rate Slow = Rate.Parse("40Mbit/s");
    private static readonly Rate Fast = Rate.Parse("200Mbit/s");

    /// <summary>In the week of 5 January 2026, a Monday.</summary>
    [Theory]
    [InlineData("2026-01-05 07:59:59", "200Mbit/s")]
    [InlineData("2026-01-05 08:00:00", "40Mbit/s")]
    [InlineData("2026-01-05 18:59:59", "40Mbit/s")]
    [InlineData("2026-01-05 19:00:00", "200Mbit/s")]
    [InlineData("2026-01-09 12:00:00", "40Mbit/s")]
    [InlineData("2026-01-10 12:00:00", "200Mbit/s")]
    [InlineData("2026-01-11 12:00:00", "200Mbit/s")]
    public void TheFirstRuleThatHoldsCounts(string local, string rate)
    {
        var schedule = new RateSchedule([Rule(Slow, "mon-fri", "08:00", "19:00"), new RateRule(Fast)]);
        Assert.Equal(Rate.Parse(rate), schedule.At(At(local)));
        Assert.Null(schedule.Always);
    }

    [Fact]
    public void WhereNoRuleHoldsThereIsNoLimit()
    {
        var schedule = new RateSchedule([Rule(Slow, "mon-fri", "08:00", "19:00")]);
        Assert.Equal(Rate.Unlimited, schedule.At(At("2026-01-05 19:00:00")));
        Assert.Equal(Rate.Unlimited, RateSchedule.Unlimited.At(At("2026-01-05 19:00:00")));
    }

    /// <summary>From ten in the evening on Friday and Saturday until six in the morning after.</summary>
    [Theory]
    [InlineData("2026-01-09 21:59:59", false)]
    [InlineData("2026-01-09 22:00:00", true)]
    [InlineData("2026-01-10 00:00:00", true)]
    [InlineData("2026-01-10 05:59:59", true)]
    [InlineData("2026-01-10 06:00:00", false)]
    [InlineData("2026-01-10 22:00:00", true)]
    [InlineData("2026-01-11 05:59:59", true)]
    [InlineData("2026-01-11 22:00:00", false)]
    [InlineData("2026-01-09 05:00:00", false)]
    public void OverMidnightARuleIsThatOfTheDayOnWhichItBegan(string local, bool holds) =>
        Assert.Equal(holds, Rule(Slow, "fri,sat", "22:00", "06:00").HoldsAt(At(local)));

    [Theory]
    [InlineData("2026-01-11 23:59:59", true)]
    [InlineData("2026-01-12 00:00:00", true)]
    [InlineData("2026-01-12 05:59:59", true)]
    [InlineData("2026-01-12 06:00:00", false)]
    public void AndGoesOverTheEndOfTheWeek(string local, bool holds) =>
        Assert.Equal(holds, Rule(Slow, "sun", "22:00", "06:00").HoldsAt(At(local)));

    [Fact]
    public void ToMidnightIsToTheEndOfTheDay()
    {
        var rule = Rule(Slow, "mon", "19:00", "00:00");
        Assert.True(rule.HoldsAt(At("2026-01-05 23:59:59")));
        Assert.False(rule.HoldsAt(At("2026-01-06 00:00:00")));
        Assert.False(rule.HoldsAt(At("2026-01-05 18:59:59")));
    }

    [Fact]
    public void WhatSomebodySaysHoldsUntilItIsTakenBack()
    {
        var control = new RateControl(RateSchedule.Of(Slow));
        Assert.Equal(Slow, control.At(At("2026-01-05 12:00:00")));
        control.Override = Rate.Unlimited;
        Assert.Equal(Rate.Unlimited, control.At(At("2026-01-05 12:00:00")));
        control.Override = Fast;
        Assert.Equal(Fast, control.At(At("2026-01-05 12:00:00")));
        control.Override = null;
        Assert.Equal(Slow, control.At(At("2026-01-05 12:00:00")));
    }

    [Fact]
    public void OneRateHoldsAlways()
    {
        Assert.Equal(Slow, RateSchedule.Of(Slow).Always);
        Assert.Equal(Rate.Unlimited, RateSchedule.Of(Rate.Unlimited).Always);
        Assert.Equal(
            Slow,
            new RateSchedule([new RateRule(Slow), Rule(Fast, "mon", "08:00", "09:00")]).Always
        );
    }

    [Theory]
    [InlineData("00:00")]
    [InlineData("08:00")]
    [InlineData("23:59")]
    public void ATimeOfTheDayIsPrintedAsItIsRead(string text) =>
        Assert.Equal(text, ClockTime.Print(ClockTime.Parse(text)));

    [Theory]
    [InlineData("24:00")]
    [InlineData("8:00")]
    [InlineData("08:60")]
    [InlineData("08")]
    [InlineData("8am")]
    [InlineData("08:00:00")]
    [InlineData("")]
    public void RefusesWhatIsNoTimeOfTheDay(string text) =>
        Assert.Equal($"'{text}' is not a time of the day", Refusal.Of(() => ClockTime.Parse(text)).Message);

    private static RateRule Rule(Rate rate, string days, string from, string to) =>
        new(rate)
        {
            Days = WeekDays.Parse(days),
            From = ClockTime.Parse(from),
            To = ClockTime.Parse(to),
        };

    private static DateTime At(string local) =>
        DateTime.ParseExact(local, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
