using RsyncFs.Tests.Laboratory;

namespace RsyncFs.Tests.Cli;

/// <summary>As <see cref="ManualClock"/>, but each look at its timestamp takes a tick of 100 ns.</summary>
internal sealed class CreepingClock : TimeProvider
{
    private readonly ManualClock _clock = new();
    private long _looks;

    /// <inheritdoc/>
    public override long TimestampFrequency => _clock.TimestampFrequency;

    /// <inheritdoc/>
    public override long GetTimestamp() => _clock.GetTimestamp() + _looks++;

    /// <inheritdoc/>
    public override ITimer CreateTimer(
        TimerCallback callback,
        object? state,
        TimeSpan dueTime,
        TimeSpan period
    ) => _clock.CreateTimer(callback, state, dueTime, period);

    /// <summary>Moves time on, firing what falls due.</summary>
    public void Advance(TimeSpan time) => _clock.Advance(time);
}
