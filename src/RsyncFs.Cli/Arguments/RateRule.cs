namespace RsyncFs.Cli.Arguments;

/// <summary>A rate, and when it holds.</summary>
/// <param name="Rate">The rate.</param>
internal sealed record RateRule(Rate Rate)
{
    /// <summary>The days on which it begins to hold.</summary>
    public WeekDays Days { get; init; } = WeekDays.All;

    /// <summary>From this time of the day on, and before <see cref="To"/>; null with it for the whole day.</summary>
    public TimeOnly? From { get; init; }

    /// <summary>Before this time: of the next day, if it is not later than <see cref="From"/>.</summary>
    public TimeOnly? To { get; init; }

    /// <summary>True if it holds at any time.</summary>
    public bool IsForever => Days == WeekDays.All && From is null;

    /// <summary>True if it holds at <paramref name="local"/>, in the time of this place.</summary>
    public bool HoldsAt(DateTime local)
    {
        if (From is not { } from || To is not { } to)
        {
            return Days.Contains(local.DayOfWeek);
        }

        var time = TimeOnly.FromDateTime(local);
        if (from < to)
        {
            return time >= from && time < to && Days.Contains(local.DayOfWeek);
        }

        // Over midnight it is still that of the day on which it began.
        var day = time >= from ? local.DayOfWeek : local.AddDays(-1).DayOfWeek;
        return (time >= from || time < to) && Days.Contains(day);
    }
}
