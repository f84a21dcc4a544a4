namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>What ends a cycle before its time: the end of everything, or that the others went on long ago.</summary>
/// <param name="given">What all cycles together may take; null for what they need.</param>
/// <param name="clock">Tells time.</param>
/// <param name="loopEnd">The end of everything.</param>
internal sealed class CycleEnd(RunBudget? given, TimeProvider clock, CancellationToken loopEnd) : IDisposable
{
    // To end in good order: what is on its way arrives, and is made durable.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    // A timer takes no more than 49 days; longer is for ever.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);

    private readonly CancellationTokenSource _either = CancellationTokenSource.CreateLinkedTokenSource(
        loopEnd
    );

    private readonly CancellationTokenSource _leftBehind = new();
    private readonly Lock _gate = new();
    private readonly RunBudget? _own = given is null
        ? new RunBudget(clock, time: null, sendBytes: null)
        : null;
    private bool _isLimited;
    private bool _isOver;

    /// <summary>What it may take: the time is over when it was left behind for too long.</summary>
    public RunBudget Budget => _own ?? given!;

    /// <summary>Ends it at once.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>The others go on without it.</summary>
    public CancellationToken LeftBehind => _leftBehind.Token;

    /// <summary>True if it was left behind for longer than it may be.</summary>
    public bool IsTooSlow => _isLimited && Budget.IsTimeOver && !loopEnd.IsCancellationRequested;

    /// <summary>How long it may go on when others have got further; nothing if it was not left behind.</summary>
    public TimeSpan Limit { get; private set; }

    /// <summary>It is left behind. Does nothing when it has ended.</summary>
    public void LeaveBehind(TimeSpan limit)
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            Limit = limit;
            try
            {
                _leftBehind.Cancel();
            }
            catch (AggregateException)
            {
                // To a log on a full disk, say, it could not be told.
            }
        }
    }

    /// <summary>Another has got further: from now on its time is limited. Does nothing when it is already, or has ended.</summary>
    public void BeginLimit()
    {
        lock (_gate)
        {
            if (_isOver || _isLimited || Limit == TimeSpan.Zero || Limit >= LongestTimer)
            {
                return;
            }

            _isLimited = true;
            Budget.EndAfter(Limit);
            _either.CancelAfter(Limit + Grace);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            _either.Dispose();
            _leftBehind.Dispose();
            _own?.Dispose();
        }
    }
}
