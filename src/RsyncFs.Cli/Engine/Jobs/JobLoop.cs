using System.Security.Cryptography;
using RsyncFs.Cli.Configuration;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>One job, cycle after cycle. Each of its destinations has its own time; they take turns, for they read the same device.</summary>
/// <param name="job">The job.</param>
/// <param name="cycle">Runs a cycle.</param>
/// <param name="turns">Of all jobs so many are at work at a time.</param>
/// <param name="clock">Tells time.</param>
internal sealed class JobLoop(Job job, JobCycle cycle, SemaphoreSlim turns, TimeProvider clock)
{
    // A timer takes no more.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromDays(1);

    private readonly List<DestinationSchedule> _schedules =
    [
        .. job.To.Select(to => new DestinationSchedule(to, job.Options, clock.GetUtcNow())),
    ];

    /// <summary>The job.</summary>
    public Job Job => job;

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
                var next = _schedules.MinBy(schedule => schedule.NextAt)!;
                await SleepUntilAsync(next.NextAt, either.Token);
                await turns.WaitAsync(either.Token);
                try
                {
                    next.Begin(clock.GetUtcNow());
                    var outcome = await cycle.RunAsync(job, next.To, end);
                    next.End(clock.GetUtcNow(), outcome.IsOk, Chance());
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
    }

    private async Task SleepUntilAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        while (time - clock.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            await Task.Delay(left < LongestSleep ? left : LongestSleep, clock, cancellationToken);
        }
    }

    private static double Chance() => RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue;
}
