namespace RsyncFs.Cli.Engine;

/// <summary>Failures of one kind: so many are logged in an interval, and those beyond are counted. For several threads.</summary>
/// <param name="clock">Tells time.</param>
/// <param name="more">What is said of those that were not logged, behind their number.</param>
internal sealed class LogBudget(TimeProvider clock, string more)
{
    private readonly Lock _gate = new();
    private long _begun = clock.GetTimestamp();
    private int _count;

    /// <summary>True if one more is to be logged.</summary>
    /// <param name="unsaid">What to log before it: how many were not, in an interval that is over; null if none.</param>
    public bool TryTake(out string? unsaid)
    {
        lock (_gate)
        {
            unsaid = null;
            if (clock.GetElapsedTime(_begun) >= ReceptionLimits.LogInterval)
            {
                var left = _count - ReceptionLimits.MaxLoggedPerInterval;
                unsaid = left > 0 ? $"{left} {more}" : null;
                (_begun, _count) = (clock.GetTimestamp(), 0);
            }

            return ++_count <= ReceptionLimits.MaxLoggedPerInterval;
        }
    }
}
