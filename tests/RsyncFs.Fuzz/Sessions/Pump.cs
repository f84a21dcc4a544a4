using System.Diagnostics;

namespace RsyncFs.Fuzz.Sessions;

/// <summary>
/// Runs one end of a session on one thread, and feeds it the next frame of its script whenever it has nothing else to
/// do: so an input always does the same, as far as the session does not use threads of its own.
/// </summary>
internal sealed class Pump(ScriptedStream stream) : SynchronizationContext
{
    // For a frame whose turn does not come, because the session does not say what it said when it was recorded.
    private static readonly TimeSpan UsualPatience = TimeSpan.FromMilliseconds(1);

    // Of a machine that has other things to do.
    private static readonly TimeSpan HangTime = TimeSpan.FromSeconds(30);

    private readonly Queue<(SendOrPostCallback Callback, object? State)> _posted = new();

    /// <summary>How long a frame waits for its turn, if nothing else happens.</summary>
    public TimeSpan Patience { get; init; } = UsualPatience;

    /// <summary>Called when a peer that does not close has nothing more to say, and nothing else is to be done: time may go on.</summary>
    public Action Idle { get; init; } = () => { };

    /// <summary>Runs <paramref name="session"/> to its end, and throws what it throws.</summary>
    /// <exception cref="FindingException">It waits, and no longer for its peer; or goes on waiting for one that is silent, however long.</exception>
    public void Run(Func<Task> session)
    {
        var before = Current;
        stream.Changed = Wake;
        SetSynchronizationContext(this);
        try
        {
            var running = session();
            _ = running.ContinueWith(_ => Wake(), TaskScheduler.Default);
            var idleSince = Stopwatch.GetTimestamp();
            while (!running.IsCompleted)
            {
                if (Step(out var next))
                {
                    next();
                    idleSince = Stopwatch.GetTimestamp();
                }
                else if (stream.IsSilent)
                {
                    Idle();
                }

                if (Stopwatch.GetElapsedTime(idleSince) > HangTime)
                {
                    throw new FindingException(
                        "the session waits for something that its peer will never say"
                    );
                }
            }

            running.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_posted)
        {
            _posted.Enqueue((d, state));
            Monitor.Pulse(_posted);
        }
    }

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    private void Wake()
    {
        lock (_posted)
        {
            Monitor.Pulse(_posted);
        }
    }

    /// <summary>What is to be done now; false if nothing came up for a while.</summary>
    private bool Step(out Action next)
    {
        lock (_posted)
        {
            if (_posted.Count == 0 && !(stream.IsAwaited && stream.IsDue))
            {
                var isChanged = Monitor.Wait(_posted, Patience);
                if (
                    _posted.Count == 0
                    && (
                        isChanged ? !(stream.IsAwaited && stream.IsDue) : !stream.IsAwaited || stream.IsSilent
                    )
                )
                {
                    next = () => { };
                    return isChanged;
                }
            }

            if (_posted.TryDequeue(out var posted))
            {
                next = () => posted.Callback(posted.State);
                return true;
            }
        }

        next = Feed;
        return true;
    }

    // The reader goes on inside, and must not take this for a place to come back to.
    private void Feed()
    {
        SetSynchronizationContext(null);
        stream.Feed();
        SetSynchronizationContext(this);
    }
}
