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
        await using var notifier = new Notifier(
            new ProcessLog(terminal, settings),
            terminal.RunId,
            terminal.Clock
        );
        notifier.Use(request.Config.Notify, request.Jobs, watchesLag: false);
        var cycle = new JobCycle(
            request,
            terminal.Clock,
            title => RunOutput.Open(terminal, settings, title),
            terminal.RunId,
            notifier
        );
        using var turns = new SemaphoreSlim(request.Parallelism);
        var runs = request.Jobs.Select(RunJobAsync).ToList();
        return [.. (await Task.WhenAll(runs)).SelectMany(outcomes => outcomes)];

        async Task<IReadOnlyList<JobOutcome>> RunJobAsync(Job job)
        {
            await turns.WaitAsync(cancellationToken);
            try
            {
                await using var begun = cycle.Begin(
                    job,
                    job.To,
                    new SourceHold(),
                    kept: null,
                    cancellationToken
                );
                return await Task.WhenAll(begun.Outcomes);
            }
            finally
            {
                turns.Release();
            }
        }
    }
}
