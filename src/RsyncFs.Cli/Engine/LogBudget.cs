using RsyncFs.Errors;

namespace RsyncFs.Cli.Engine;

/// <summary>
/// Failures of one kind: so many are logged in an interval, and those beyond are counted. How many that were is said
/// when the interval is over, or everything is, whether more come or not. For several threads.
/// </summary>
internal sealed class LogBudget : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly Action<ErrorId, int> _sayUnsaid;
    private readonly ITimer _timer;
    private long _begun;
    private int _count;
    private ErrorId _latest;

    /// <summary>Nothing has failed yet.</summary>
    /// <param name="clock">Tells time.</param>
    /// <param name="sayUnsaid">Told, when an interval is over, what the latest of those was that were not logged, and how many they were. From any thread.</param>
    public LogBudget(TimeProvider clock, Action<ErrorId, int> sayUnsaid)
    {
        (_clock, _sayUnsaid) = (clock, sayUnsaid);
        _timer = clock.CreateTimer(
            _ => End(isForced: true),
            state: null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
    }

    /// <summary>True if one more is to be logged.</summary>
    public bool TryTake(ErrorId id)
    {
        End(isForced: false);
        lock (_gate)
        {
            if (_count == 0)
            {
                _begun = _clock.GetTimestamp();
                _timer.Change(ReceptionLimits.LogInterval, Timeout.InfiniteTimeSpan);
            }

            if (++_count <= ReceptionLimits.MaxLoggedPerInterval)
            {
                return true;
            }

            _latest = id;
            return false;
        }
    }

    /// <summary>Says what was not said.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        End(isForced: true);
    }

    private void End(bool isForced)
    {
        int left;
        ErrorId latest;
        lock (_gate)
        {
            if (!isForced && _clock.GetElapsedTime(_begun) < ReceptionLimits.LogInterval)
            {
                return;
            }

            (left, latest) = (_count - ReceptionLimits.MaxLoggedPerInterval, _latest);
            _count = 0;
        }

        if (left > 0)
        {
            _sayUnsaid(latest, left);
        }
    }
}
