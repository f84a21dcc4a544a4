namespace RsyncFs.Cli.Output;

/// <summary>Where a run is now, for whoever asks. For several threads.</summary>
/// <param name="clock">Tells time.</param>
internal sealed class PresentProgress(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly PhaseClock _phases = new(clock);
    private CycleProgress? _last;

    /// <summary>Where it is, and how fast; null before it has said anything.</summary>
    public (CycleProgress Progress, ProgressRate Rate)? Now
    {
        get
        {
            lock (_gate)
            {
                return _last is { } last ? (last, ProgressRate.Of(last, _phases.SincePhase)) : null;
            }
        }
    }

    /// <summary>Time since it began.</summary>
    public TimeSpan SinceStart => _phases.SinceStart;

    /// <summary>Remembers where it is.</summary>
    public void Note(CycleProgress value)
    {
        lock (_gate)
        {
            _phases.Enter(value.Phase);
            _last = value;
        }
    }
}
