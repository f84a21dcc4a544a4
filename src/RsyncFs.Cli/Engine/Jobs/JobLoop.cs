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
    private readonly List<DestinationSchedule> _schedules =
    [
        .. job.To.Select(to => new DestinationSchedule(to, job.Options, clock.GetUtcNow())),
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
                    await RunOneAsync(next, end);
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
            _schedules.ForEach(schedule => schedule.Hurry(clock.GetUtcNow()));
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
            next.Begin(clock.GetUtcNow());
            _triggered.ForEach(triggered => triggered.Begin(next));
        }

        var outcome = await cycle.RunAsync(job, next.To, end);
        lock (_gate)
        {
            next.End(clock.GetUtcNow(), outcome.IsOk, Chance());
            _triggered.ForEach(triggered => triggered.End(next, outcome.Code));
            _triggered.RemoveAll(triggered => triggered.Ended.IsCompleted);
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
                var paused = pauses.UntilOf(job.Name) ?? DateTimeOffset.MinValue;
                left = (paused > next.NextAt ? paused : next.NextAt) - clock.GetUtcNow();
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
