namespace RsyncFs.Tests.Cli;

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class FakeClock : TimeProvider
{
    private TimeSpan _passed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() =>
        new DateTimeOffset(2026, 9, 24, 10, 15, 0, 112, TimeSpan.Zero) + _passed;

    public override long GetTimestamp() => _passed.Ticks;

    public void Advance(TimeSpan by) => _passed += by;
}
