namespace RsyncFs.Cli.Arguments;

/// <summary>How fast may be sent, by the time of the week.</summary>
/// <param name="Rules">The first that holds counts; where none does there is no limit.</param>
internal sealed record RateSchedule(IReadOnlyList<RateRule> Rules)
{
    /// <summary>There never is a limit.</summary>
    public static RateSchedule Unlimited { get; } = new([]);

    /// <summary>The same at any time.</summary>
    public static RateSchedule Of(Rate rate) =>
        rate == Rate.Unlimited ? Unlimited : new([new RateRule(rate)]);

    /// <summary>The rate that holds at any time, if it is the same.</summary>
    public Rate? Always =>
        Rules.Count == 0 ? Rate.Unlimited
        : Rules[0].IsForever ? Rules[0].Rate
        : null;

    /// <summary>The rate that holds at <paramref name="local"/>, in the time of this place.</summary>
    public Rate At(DateTime local) =>
        Rules.FirstOrDefault(rule => rule.HoldsAt(local))?.Rate ?? Rate.Unlimited;
}
