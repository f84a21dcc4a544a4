namespace RsyncFs.Cli.Output;

/// <summary>Remembers when a run and its present phase began. Not for several threads at once.</summary>
internal sealed class PhaseClock(TimeProvider clock)
{
    private readonly long _startedAt = clock.GetTimestamp();
    private long _phaseStartedAt = clock.GetTimestamp();
    private string _phase = "";

    /// <summary>Time since the run began.</summary>
    public TimeSpan SinceStart => clock.GetElapsedTime(_startedAt);

    /// <summary>Time since the present phase began.</summary>
    public TimeSpan SincePhase => clock.GetElapsedTime(_phaseStartedAt);

    /// <summary>Notes which phase is running.</summary>
    public void Enter(string name)
    {
        if (!string.Equals(_phase, name, StringComparison.Ordinal))
        {
            (_phase, _phaseStartedAt) = (name, clock.GetTimestamp());
        }
    }
}
