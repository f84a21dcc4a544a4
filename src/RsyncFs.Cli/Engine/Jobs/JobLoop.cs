using System.Security.Cryptography;
using RsyncFs.Cli.Configuration;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>One job, cycle after cycle. Each of its destinations has its own time; they take turns, for they read the same device.</summary>
/// <param name="job">The job.</param>
/// <param name="cycle">Runs a cycle.</param>
/// <param name="turns">Of all jobs so many are at work at a time.</param>
/// <param name="pauses">Says whether it is paused.</param>
/// <param name="clock">Tells time.</param>
internal sealed class JobLoop(
    Job job,
    JobCycle cycle,
    SemaphoreSlim turns,
    PauseBook pauses,
    TimeProvider clock
)
{
    // A timer takes no more.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly long _begunAt = clock.GetTimestamp();
    private readonly List<DestinationSchedule> _schedules =
    [
        .. job.To.Select(to => new DestinationSchedule(to, job.Options, DateTimeOffset.UnixEpoch)),
    ];
    private readonly List<TriggeredCycles> _triggered = [];
    private TaskCompletionSource _wake = NewWake();
    private bool _isOver;

    /// <summary>Runs cycles until there shall be no more.</summary>
    /// <param name="noMore">No further cycle begins; one that has begun goes on to its end.</param>
    /// <param name="end">One that has begun ends, too.</param>
    public async Task RunAsync(CancellationToken noMore, CancellationToken end)
    {
        // Devices block the thread that works on them.
        await Task.Yield();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(noMore, end);
        try
        {
            while (true)
            {
                var next = await NextAsync(either.Token);
                await turns.WaitAsync(either.Token);
                try
                {
                    // It may have been paused while it waited for its turn.
                    if (IsDue(next))
                    {
                        await RunOneAsync(next, end);
                    }
                }
                finally
                {
                    turns.Release();
                }
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // That is how it ends.
        }
        finally
        {
            GiveUp();
        }
    }

    /// <summary>Makes all destinations due.</summary>
    /// <returns>The codes of their next cycles, when these have ended.</returns>
    public Task<IReadOnlyList<ExitCode>> Trigger()
    {
        lock (_gate)
        {
            var triggered = new TriggeredCycles(_schedules);
            if (_isOver)
            {
                triggered.GiveUp();
                return triggered.Ended;
            }

            _triggered.Add(triggered);
            _schedules.ForEach(schedule => schedule.Hurry(Now()));
            Wake();
            return triggered.Ended;
        }
    }

    /// <summary>Looks again whether it is paused.</summary>
    public void LookAgain()
    {
        lock (_gate)
        {
            Wake();
        }
    }

    private async Task RunOneAsync(DestinationSchedule next, CancellationToken end)
    {
        lock (_gate)
        {
            next.Begin(Now());
            _triggered.ForEach(triggered => triggered.Begin(next));
        }

        var code = await CodeOfAsync(next, end);
        lock (_gate)
        {
            next.End(Now(), code == ExitCode.Ok, Chance());
            _triggered.ForEach(triggered => triggered.End(next, code));
            _triggered.RemoveAll(triggered => triggered.Ended.IsCompleted);
        }
    }

    /// <summary>Runs a cycle. One that can not even be told of, to a log on a full disk, say, has failed, and is tried again as any other.</summary>
    private async Task<ExitCode> CodeOfAsync(DestinationSchedule next, CancellationToken end)
    {
        try
        {
            return (await cycle.RunAsync(job, next.To, end)).Code;
        }
#pragma warning disable CA1031 // The end of a cycle: the job goes on.
        catch (Exception) when (!end.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return ExitCode.Failure;
        }
    }

    private bool IsDue(DestinationSchedule next)
    {
        lock (_gate)
        {
            return LeftUntil(next) <= TimeSpan.Zero;
        }
    }

    /// <summary>The next destination that is due, when it is.</summary>
    private async Task<DestinationSchedule> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task woken;
            TimeSpan left;
            lock (_gate)
            {
                var next = _schedules.MinBy(schedule => schedule.NextAt)!;
                left = LeftUntil(next);
                if (left <= TimeSpan.Zero)
                {
                    return next;
                }

                if (_wake.Task.IsCompleted)
                {
                    _wake = NewWake();
                }

                woken = _wake.Task;
            }

            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var sleep = Task.Delay(left < LongestSleep ? left : LongestSleep, clock, over.Token);
            await Task.WhenAny(sleep, woken);
            await over.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Schedules go by a clock that nobody sets; a pause ends at a time of the day.</summary>
    private DateTimeOffset Now() => DateTimeOffset.UnixEpoch + clock.GetElapsedTime(_begunAt);

    private TimeSpan LeftUntil(DestinationSchedule next)
    {
        var (due, paused) = (next.NextAt - Now(), TimeSpan.MinValue);
        if (pauses.UntilOf(job.Name) is { } until)
        {
            paused = until - clock.GetUtcNow();
        }

        return paused > due ? paused : due;
    }

    private void Wake() => _wake.TrySetResult();

    private static TaskCompletionSource NewWake() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void GiveUp()
    {
        lock (_gate)
        {
            _isOver = true;
            _triggered.ForEach(triggered => triggered.GiveUp());
        }
    }

    private static double Chance() => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;
}
