using RsyncFs.Cli.Commands.Jobs;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Output;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>One cycle of each job. Each stands for itself: none waits for one that failed, or ends with it.</summary>
internal static class JobsRun
{
    /// <summary>Runs all.</summary>
    /// <returns>How each destination ended, in the order of the jobs.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; no job is at work any more.</exception>
    public static async Task<IReadOnlyList<JobOutcome>> RunAsync(
        RunRequest request,
        Terminal terminal,
        OutputSettings settings,
        CancellationToken cancellationToken
    )
    {
        var cycle = new JobCycle(
            request,
            terminal.Clock,
            title => RunOutput.Open(terminal, settings, title),
            terminal.RunId
        );
        using var turns = new SemaphoreSlim(request.Parallelism);
        var runs = request.Jobs.Select(RunJobAsync).ToList();
        return [.. (await Task.WhenAll(runs)).SelectMany(outcomes => outcomes)];

        async Task<List<JobOutcome>> RunJobAsync(Job job)
        {
            // Devices block the thread that works on them.
            await Task.Yield();
            await turns.WaitAsync(cancellationToken);
            try
            {
                // One after the other: they read the same device, and have one state.
                var outcomes = new List<JobOutcome>();
                foreach (var to in job.To)
                {
                    outcomes.Add(await cycle.RunAsync(job, to, cancellationToken));
                }

                return outcomes;
            }
            finally
            {
                turns.Release();
            }
        }
    }
}
