using System.Security.Cryptography;
using RsyncFs.Cli.Configuration;
using RsyncFs.Errors;
using RsyncFs.Protocol;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>One job, cycle after cycle. Each of its destinations has its own time; those that are due have one cycle together.</summary>
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
    // Half of what the receiver waits. Whoever comes less often connects anew: that costs nobody anything.
    private static readonly TimeSpan ComesAgainWithin = ProtocolLimits.KeptDeadline / 2;

    // A timer takes no more.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly long _begunAt = clock.GetTimestamp();
    private readonly List<DestinationSchedule> _schedules =
    [
        .. job.To.Select(to => new DestinationSchedule(to, job.Options, DateTimeOffset.UnixEpoch)),
    ];
    private readonly Dictionary<string, KeptLink> _kept =
        job.Options.Interval <= ComesAgainWithin
            ? job.To.ToDictionary(to => to.Name, _ => new KeptLink(clock), StringComparer.Ordinal)
            : [];
    private readonly SourceHold _hold = new();
    private readonly List<TriggeredCycles> _triggered = [];
    private Task _behind = Task.CompletedTask;
    private BegunCycle? _late;
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
                await WaitUntilAsync(schedule => schedule.NextAt, either.Token);
                await turns.WaitAsync(either.Token);
                try
                {
                    // None if it was paused while it waited for its turn.
                    await RunAsync(Due(), either.Token, end);
                }
                finally
                {
                    // Those that are left behind need none: of these there is one group at the most.
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
            await _behind.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var link in _kept.Values)
            {
                await link.DisposeAsync();
            }
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

    /// <summary>The destinations that no cycle is at work on.</summary>
    public IReadOnlyList<WaitingDestination> Waiting()
    {
        lock (_gate)
        {
            return [.. _schedules.Where(schedule => !schedule.IsAtWork).Select(Of)];
        }

        WaitingDestination Of(DestinationSchedule schedule)
        {
            var until = pauses.UntilOf(job.Name);
            var isPaused = until > clock.GetUtcNow();
            var left = LeftUntil(schedule.NextAt);
            return new WaitingDestination(
                job,
                schedule.To,
                schedule.FailureCount,
                isPaused && until == DateTimeOffset.MaxValue ? null
                    : left > TimeSpan.Zero ? left
                    : TimeSpan.Zero,
                isPaused
            );
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

    /// <summary>One cycle, until it has ended, or the next is due for some while others are still at work.</summary>
    private async Task RunAsync(
        List<DestinationSchedule> due,
        CancellationToken noMore,
        CancellationToken end
    )
    {
        if (due.Count == 0)
        {
            return;
        }

        lock (_gate)
        {
            due.ForEach(schedule => schedule.Begin(Now()));
            _triggered.ForEach(triggered => due.ForEach(triggered.Begin));
        }

        var begun = cycle.Begin(
            job,
            [.. due.Select(schedule => schedule.To)],
            _hold,
            to => _kept.GetValueOrDefault(to.Name),
            end
        );
        var ended = EndAsync(due, begun, end);
        await Task.WhenAny(ended, GoAloneAsync(ended, noMore));
        if (!ended.IsCompleted && !noMore.IsCancellationRequested)
        {
            _behind = ended;
            begun.LeaveBehind(job.Options.LaggardLimit);
            lock (_gate)
            {
                _late = begun;
            }

            return;
        }

        await ended;
    }

    /// <summary>Waits until some shall go on without those that are at work, and may: others that are left behind have ended.</summary>
    private async Task GoAloneAsync(Task ended, CancellationToken noMore)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(noMore);
        var waiting = GoAsync(over.Token);
        await Task.WhenAny(waiting, ended);
        await over.CancelAsync();
        await waiting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        async Task GoAsync(CancellationToken cancellationToken)
        {
            await _behind.WaitAsync(cancellationToken);
            await WaitUntilAsync(schedule => schedule.GoesAloneAt, cancellationToken);
        }
    }

    private async Task EndAsync(List<DestinationSchedule> due, BegunCycle begun, CancellationToken end)
    {
        await using (begun)
        {
            await Task.WhenAll(
                due.Zip(begun.Outcomes, (schedule, outcome) => EndAsync(schedule, begun, outcome, end))
            );
        }
    }

    private async Task EndAsync(
        DestinationSchedule schedule,
        BegunCycle begun,
        Task<JobOutcome> outcome,
        CancellationToken end
    )
    {
        var code = await CodeOfAsync(outcome, end);
        lock (_gate)
        {
            if (code == ExitCode.Ok && _late != begun)
            {
                _late?.BeginLimit();
            }

            schedule.End(Now(), code == ExitCode.Ok, Chance());
            _triggered.ForEach(triggered => triggered.End(schedule, code));
            _triggered.RemoveAll(triggered => triggered.Ended.IsCompleted);
            Wake();
        }
    }

    /// <summary>A cycle that can not even be told of, to a log on a full disk, say, has failed, and is tried again as any other.</summary>
    private static async Task<ExitCode> CodeOfAsync(Task<JobOutcome> outcome, CancellationToken end)
    {
        try
        {
            return (await outcome).Code;
        }
#pragma warning disable CA1031 // The end of a cycle: the job goes on.
        catch (Exception) when (!end.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return ExitCode.Failure;
        }
    }

    /// <summary>Those that are due, and those that come along with them.</summary>
    private List<DestinationSchedule> Due()
    {
        lock (_gate)
        {
            var now = Now();
            var idle = _schedules.FindAll(schedule => !schedule.IsAtWork);
            var due = idle.FindAll(schedule => LeftUntil(schedule.NextAt) <= TimeSpan.Zero);
            return
            [
                .. due,
                .. idle.Except(due).Where(schedule => due.Exists(other => schedule.MayComeAlong(other, now))),
            ];
        }
    }

    /// <summary>Waits for the first such moment of a destination that no cycle is at work on.</summary>
    private async Task WaitUntilAsync(
        Func<DestinationSchedule, DateTimeOffset> moment,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            Task woken;
            TimeSpan left;
            lock (_gate)
            {
                left = LeftUntil(
                    _schedules
                        .Where(schedule => !schedule.IsAtWork)
                        .Select(moment)
                        .DefaultIfEmpty(DateTimeOffset.MaxValue)
                        .Min()
                );
                if (left <= TimeSpan.Zero)
                {
                    return;
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

    private TimeSpan LeftUntil(DateTimeOffset moment)
    {
        var (due, paused) = (moment - Now(), TimeSpan.MinValue);
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
