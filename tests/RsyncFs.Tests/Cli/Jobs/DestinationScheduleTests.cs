using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Engine.Jobs;
using Xunit;

namespace RsyncFs.Tests.Cli.Jobs;

public sealed class DestinationScheduleTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly int[] Doubled = [4, 8, 16, 32, 60, 60];

    private readonly DestinationSchedule _schedule = Another();

    [Fact]
    public void TheFirstCycleIsDueAtOnce() => Assert.Equal(Start, _schedule.NextAt);

    [Theory]
    [InlineData(1, 10)]
    [InlineData(8, 10)]
    [InlineData(9, 11)]
    [InlineData(25, 27)]
    public void TheNextBeginsAnIntervalLaterButNotWithoutARest(int endedAt, int nextAt)
    {
        _schedule.Begin(Start);
        _schedule.End(Start.AddSeconds(endedAt), isOk: true, chance: 0.5);
        Assert.Equal(Start.AddSeconds(nextAt), _schedule.NextAt);
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    [InlineData(9, true)]
    public void OneWhoseTimeIsNearComesAlong(int at, bool comes)
    {
        _schedule.Begin(Start);
        _schedule.End(Start.AddSeconds(1), isOk: true, chance: 0.5);
        Assert.Equal(comes, _schedule.MayComeAlong(Another(), Start.AddSeconds(at)));
    }

    /// <summary>An interval is 10 s.</summary>
    [Fact]
    public void OthersAreWaitedForHalfAnIntervalAndByOneThatFailedNotSoLong()
    {
        _schedule.Begin(Start);
        _schedule.End(Start.AddSeconds(1), isOk: true, chance: 0.5);
        Assert.Equal(Start.AddSeconds(15), _schedule.GoesAloneAt);
        _schedule.Hurry(Start.AddSeconds(3));
        Assert.Equal(Start.AddSeconds(5), _schedule.GoesAloneAt);
        _schedule.Begin(Start.AddSeconds(3));
        _schedule.End(Start.AddSeconds(4), isOk: false, chance: 0.5);
        Assert.Equal(_schedule.NextAt.AddSeconds(2), _schedule.GoesAloneAt);
    }

    [Fact]
    public void OneThatHasNotRestedDoesNotComeAlong()
    {
        _schedule.Begin(Start);
        _schedule.End(Start.AddSeconds(9), isOk: true, chance: 0.5);
        Assert.False(_schedule.MayComeAlong(Another(), Start.AddSeconds(10)));
        Assert.True(_schedule.MayComeAlong(Another(), Start.AddSeconds(11)));
    }

    [Fact]
    public void OneThatFailsNeitherComesAlongNorTakesAnotherAlong()
    {
        var failing = Another();
        failing.Begin(Start);
        failing.End(Start, isOk: false, chance: 0.5);
        Assert.False(_schedule.MayComeAlong(failing, Start));
        Assert.False(failing.MayComeAlong(_schedule, Start.AddMinutes(1)));
        Assert.True(_schedule.MayComeAlong(Another(), Start));
    }

    [Fact]
    public void WhatFailsIsLeftAloneTwiceAsLongEachTimeUpToTheLongest()
    {
        foreach (var (index, seconds) in Doubled.Index())
        {
            _schedule.Begin(Start);
            _schedule.End(Start, isOk: false, chance: 0.5);
            Assert.Equal(Start.AddSeconds(seconds), _schedule.NextAt);
            Assert.Equal(index + 1, _schedule.FailureCount);
        }

        _schedule.Begin(Start);
        _schedule.End(Start, isOk: true, chance: 0.5);
        Assert.Equal(0, _schedule.FailureCount);
        _schedule.End(Start, isOk: false, chance: 0.5);
        Assert.Equal(Start.AddSeconds(4), _schedule.NextAt);
    }

    [Theory]
    [InlineData(0.0, 3)]
    [InlineData(1.0, 5)]
    public void ChanceKeepsThoseApartThatFailTogether(double chance, int seconds)
    {
        _schedule.End(Start, isOk: false, chance);
        Assert.Equal(Start.AddSeconds(seconds), _schedule.NextAt);
    }

    [Fact]
    public void AThousandFailuresAreNoReasonToStop()
    {
        for (var count = 0; count < 1000; count++)
        {
            _schedule.End(Start, isOk: false, chance: 1);
        }

        Assert.Equal(Start.AddSeconds(75), _schedule.NextAt);
    }

    private static DestinationSchedule Another() =>
        new(
            new JobDestination("b", new LocalDestination("/b")),
            new JobOptions
            {
                Interval = TimeSpan.FromSeconds(10),
                MinRest = TimeSpan.FromSeconds(2),
                RetryFirst = TimeSpan.FromSeconds(4),
                RetryMax = TimeSpan.FromSeconds(60),
            },
            Start
        );
}
