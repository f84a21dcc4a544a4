namespace RsyncFs.Tests.Laboratory;

/// <summary>
/// Time that stands still until a test moves it. <see cref="Advance"/> fires every timer that falls due on the way,
/// in order, on the caller's thread; <see cref="Jump"/> is a machine that slept.
/// </summary>
public sealed class ManualClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => GetUtcNow().Ticks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(
        TimerCallback callback,
        object? state,
        TimeSpan dueTime,
        TimeSpan period
    )
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (_lock)
        {
            _timers.Add(timer);
        }

        return timer;
    }

    /// <summary>Moves time on by <paramref name="time"/>, stopping at each timer on the way.</summary>
    public void Advance(TimeSpan time)
    {
        var end = GetUtcNow() + time;
        while (NextBefore(end) is { } next)
        {
            next.Fire();
        }

        lock (_lock)
        {
            _now = end;
        }
    }

    /// <summary>Moves time on by <paramref name="time"/> at once: what fell due meanwhile fires late, and once.</summary>
    public void Jump(TimeSpan time)
    {
        lock (_lock)
        {
            _now += time;
        }

        Advance(TimeSpan.Zero);
    }

    internal void Remove(ManualTimer timer)
    {
        lock (_lock)
        {
            _timers.Remove(timer);
        }
    }

    private ManualTimer? NextBefore(DateTimeOffset end)
    {
        lock (_lock)
        {
            var next = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            if (next is null)
            {
                return null;
            }

            _now = next.Due > _now ? next.Due!.Value : _now;
            next.Schedule(_now);
            return next;
        }
    }
}
