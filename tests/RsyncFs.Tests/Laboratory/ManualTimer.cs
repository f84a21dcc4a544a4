namespace RsyncFs.Tests.Laboratory;

/// <summary>A timer of a <see cref="ManualClock"/>.</summary>
internal sealed class ManualTimer : ITimer
{
    private readonly ManualClock _clock;
    private readonly Action _callback;
    private TimeSpan _period = Timeout.InfiniteTimeSpan;

    public ManualTimer(ManualClock clock, Action callback)
    {
        _clock = clock;
        _callback = callback;
    }

    /// <summary>When it fires next; null for never.</summary>
    public DateTimeOffset? Due { get; private set; }

    public void Fire() => _callback();

    /// <summary>Sets the time after the one that is due now.</summary>
    public void Schedule(DateTimeOffset now) => Due = _period > TimeSpan.Zero ? now + _period : null;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        _period = period;
        Due = dueTime == Timeout.InfiniteTimeSpan ? null : _clock.GetUtcNow() + dueTime;
        return true;
    }

    public void Dispose() => _clock.Remove(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
