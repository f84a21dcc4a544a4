namespace RsyncFs;

/// <summary>
/// What a run may use up before its cycles are ended in good order: time, and bytes put on connections. Several cycles
/// may share one, at the same time or one after the other.
/// </summary>
public sealed class RunBudget : IDisposable
{
    // A timer takes no more than 49 days; what is found out that late may as well be found out at the next block.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);

    private readonly TimeProvider _clock;
    private readonly long _begun;
    private readonly CancellationTokenSource _ended;
    private long _sentBytes;

    /// <summary>Begins a run.</summary>
    /// <param name="clock">Tells time.</param>
    /// <param name="time">How long it may take from now on; null for as long as it needs.</param>
    /// <param name="sendBytes">How many bytes it may send; null for as many as it needs.</param>
    public RunBudget(TimeProvider clock, TimeSpan? time, long? sendBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(time?.Ticks ?? 0, nameof(time));
        ArgumentOutOfRangeException.ThrowIfNegative(sendBytes ?? 0, nameof(sendBytes));
        _clock = clock;
        _begun = clock.GetTimestamp();
        _ended = new CancellationTokenSource(
            time < LongestTimer ? time.Value : Timeout.InfiniteTimeSpan,
            clock
        );
        Time = time;
        SendBytes = sendBytes;
    }

    /// <summary>How long the run may take.</summary>
    public TimeSpan? Time { get; }

    /// <summary>How many bytes it may send.</summary>
    public long? SendBytes { get; }

    /// <summary>True if the time is over.</summary>
    public bool IsTimeOver => LeftTime <= TimeSpan.Zero || _ended.IsCancellationRequested;

    /// <summary>The time that is left; null if it has no end.</summary>
    public TimeSpan? LeftTime => Time - _clock.GetElapsedTime(_begun);

    /// <summary>The bytes that may still be sent; negative if more were sent than should be, null if there is no end.</summary>
    public long? LeftBytes => SendBytes - Interlocked.Read(ref _sentBytes);

    /// <summary>Counts bytes that were sent.</summary>
    public void Count(long sentBytes) => Interlocked.Add(ref _sentBytes, sentBytes);

    /// <summary>Lets the time be over after so long from now, whatever was said before.</summary>
    /// <param name="left">Less than 49 days.</param>
    public void EndAfter(TimeSpan left) => _ended.CancelAfter(left);

    /// <inheritdoc/>
    public void Dispose() => _ended.Dispose();

    /// <summary>A source that is cancelled when the time is over.</summary>
    internal CancellationTokenSource CreateTimer() =>
        CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
}
