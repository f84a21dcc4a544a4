namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>What ends a cycle before its time: the end of everything, or that the others went on long ago.</summary>
/// <param name="budget">What the cycle may take.</param>
/// <param name="loopEnd">The end of everything.</param>
internal sealed class CycleEnd(RunBudget budget, CancellationToken loopEnd) : IDisposable
{
    // To end in good order: what is on its way arrives, and is made durable.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    // A timer takes no more than 49 days; longer is for ever.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);

    private readonly CancellationTokenSource _either = CancellationTokenSource.CreateLinkedTokenSource(
        loopEnd
    );

    private readonly CancellationTokenSource _leftBehind = new();
    private long _limitTicks;

    /// <summary>What it may take: the time is over when it was left behind for too long.</summary>
    public RunBudget Budget => budget;

    /// <summary>Ends it at once.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>The others go on without it.</summary>
    public CancellationToken LeftBehind => _leftBehind.Token;

    /// <summary>True if it was left behind for longer than it may be.</summary>
    public bool IsTooSlow => Limit > TimeSpan.Zero && budget.IsTimeOver && !loopEnd.IsCancellationRequested;

    /// <summary>How long it may go on since it was left behind; nothing if it was not.</summary>
    public TimeSpan Limit => TimeSpan.FromTicks(Interlocked.Read(ref _limitTicks));

    /// <summary>It is left behind, and may go on for so long.</summary>
    public void LeaveBehind(TimeSpan limit)
    {
        Interlocked.Exchange(ref _limitTicks, limit.Ticks);
        if (limit < LongestTimer)
        {
            budget.EndAfter(limit);
            _either.CancelAfter(limit + Grace);
        }

        _leftBehind.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _either.Dispose();
        _leftBehind.Dispose();
    }
}
