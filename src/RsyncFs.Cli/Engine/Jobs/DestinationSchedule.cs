using RsyncFs.Cli.Configuration;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>When the next cycle of a destination begins. One that fails is left alone for a while, longer each time, and tried for ever.</summary>
/// <param name="to">The destination.</param>
/// <param name="options">What the job says.</param>
/// <param name="now">From when on it is due.</param>
internal sealed class DestinationSchedule(JobDestination to, JobOptions options, DateTimeOffset now)
{
    // From three quarters to five quarters: what failed together does not come back together.
    private const double LeastJitter = 0.75;
    private const double JitterRange = 0.5;

    // 2^30 of the shortest time that can be written is beyond any longest.
    private const int MostDoublings = 30;

    // Longer than a cycle takes that finds nothing.
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(2);

    private DateTimeOffset _begunAt;
    private DateTimeOffset _restedAt = now;
    private bool _isHurried;

    /// <summary>The destination.</summary>
    public JobDestination To => to;

    /// <summary>When its next cycle begins.</summary>
    public DateTimeOffset NextAt { get; private set; } = now;

    /// <summary>
    /// When others that are at work are waited for no longer: together they read the source once, so half an interval is
    /// not too much. One that failed is not with them any more, and one that a person wants now has waited.
    /// </summary>
    public DateTimeOffset GoesAloneAt =>
        NextAt
        + (
            _isHurried || FailureCount > 0
                ? TimeSpan.FromTicks(Math.Min(LongestPatience.Ticks, options.Interval.Ticks / 2))
                : options.Interval / 2
        );

    /// <summary>Cycles that failed since the last that did not.</summary>
    public int FailureCount { get; private set; }

    /// <summary>True while a cycle is at work on it.</summary>
    public bool IsAtWork { get; private set; }

    /// <summary>A cycle begins.</summary>
    public void Begin(DateTimeOffset at) => (_begunAt, _isHurried, IsAtWork) = (at, false, true);

    /// <summary>It ended.</summary>
    /// <param name="at">When.</param>
    /// <param name="isOk">True if the destination is as it should be.</param>
    /// <param name="chance">From 0 to 1.</param>
    public void End(DateTimeOffset at, bool isOk, double chance)
    {
        IsAtWork = false;
        FailureCount = isOk ? 0 : FailureCount + 1;
        var rest = isOk ? options.MinRest : RetryAfter(chance);
        _restedAt = at + rest;
        var (byInterval, byRest) = (_begunAt + options.Interval, at + rest);
        NextAt =
            _isHurried ? at
            : !isOk ? byRest
            : byInterval > byRest ? byInterval
            : byRest;
    }

    /// <summary>
    /// True if it takes part in a cycle that another has now: it is not due yet, and has rested, and its own time is nearer
    /// than half an interval. So those that came apart, by a failure, say, come together again and share a snapshot. One
    /// that fails takes nobody along: it is tried more often than the others want.
    /// </summary>
    /// <param name="due">The other, which is due.</param>
    /// <param name="at">Now.</param>
    public bool MayComeAlong(DestinationSchedule due, DateTimeOffset at) =>
        due.FailureCount == 0 && FailureCount == 0 && at >= _restedAt && NextAt - at <= options.Interval / 2;

    /// <summary>Makes it due; of one that is at work, when that has ended.</summary>
    public void Hurry(DateTimeOffset at) => (NextAt, _isHurried) = (at, true);

    private TimeSpan RetryAfter(double chance)
    {
        var doubled =
            options.RetryFirst.TotalSeconds * Math.Pow(2, Math.Min(FailureCount - 1, MostDoublings));
        var seconds = Math.Min(doubled, options.RetryMax.TotalSeconds);
        return TimeSpan.FromSeconds(seconds * (LeastJitter + (JitterRange * chance)));
    }
}
