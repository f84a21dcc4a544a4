namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>Looks whether a destination falls behind, though nothing happens: a cycle that hangs says nothing.</summary>
internal sealed class LagWatch : IDisposable
{
    // A timer takes no more.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private readonly Action<TimeSpan> _tell;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private TimeSpan _allowed;
    private long _dataAt;

    /// <summary>Watches one of which nothing is known: it counts from now.</summary>
    /// <param name="allowed">How far it may be behind.</param>
    /// <param name="tell">Told how far it is behind if that is more, again and again.</param>
    /// <param name="clock">Tells time.</param>
    public LagWatch(TimeSpan allowed, Action<TimeSpan> tell, TimeProvider clock)
    {
        (_allowed, _tell, _clock) = (allowed, tell, clock);
        _dataAt = clock.GetTimestamp();
        _timer = clock.CreateTimer(_ => Look(), state: null, Within(allowed), Timeout.InfiniteTimeSpan);
    }

    /// <summary>It has what the source was at <paramref name="at"/>, by the clock.</summary>
    public void Begin(long at)
    {
        lock (_gate)
        {
            _dataAt = at;
        }
    }

    /// <summary>From now on it may be behind as much.</summary>
    public void Allow(TimeSpan allowed)
    {
        lock (_gate)
        {
            _allowed = allowed;
            _timer.Change(Within(allowed - _clock.GetElapsedTime(_dataAt)), Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        TimeSpan lag;
        bool isBehind;
        lock (_gate)
        {
            lag = _clock.GetElapsedTime(_dataAt);
            isBehind = lag >= _allowed;
            _timer.Change(Within(isBehind ? _allowed : _allowed - lag), Timeout.InfiniteTimeSpan);
        }

        if (isBehind)
        {
            _tell(lag);
        }
    }

    private static TimeSpan Within(TimeSpan time) =>
        time < Shortest ? Shortest
        : time > Longest ? Longest
        : time;
}
