namespace RsyncFs.Cli.Arguments;

/// <summary>How fast may be sent to one destination: what its schedule says, unless somebody says otherwise meanwhile.</summary>
/// <param name="schedule">What holds while nobody does.</param>
/// <param name="said">Tells what was said of this destination among others; null if nobody can say anything there.</param>
internal sealed class RateControl(RateSchedule schedule, Func<Rate?>? said = null)
{
    private volatile Said? _override;

    /// <summary>What somebody said; null if the schedule holds. May be changed at any time.</summary>
    public Rate? Override
    {
        get => _override?.Rate;
        set => _override = value is { } rate ? new Said(rate) : null;
    }

    /// <summary>What holds when nobody says otherwise.</summary>
    public RateSchedule Schedule => schedule;

    /// <summary>The rate that holds at <paramref name="local"/>, in the time of this place.</summary>
    public Rate At(DateTime local) => Override ?? said?.Invoke() ?? schedule.At(local);

    // Written and read at once.
    private sealed record Said(Rate Rate);
}
