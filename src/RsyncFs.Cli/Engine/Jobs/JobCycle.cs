using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Commands;
using RsyncFs.Cli.Commands.Jobs;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using RsyncFs.Linux.Hooks;
using RsyncFs.Protocol;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>
/// A cycle of a job: to all of its destinations that are due, at the same time and from one snapshot. What goes wrong with
/// one is said, and stays its own.
/// </summary>
/// <param name="request">What was asked for.</param>
/// <param name="clock">Tells time.</param>
/// <param name="open">Where a cycle of a title is told.</param>
/// <param name="runId">As in <see cref="Terminal.RunId"/>.</param>
/// <param name="notifier">Tells whoever wants to know.</param>
/// <param name="limits">What is said meanwhile of how fast may be sent; null if nobody can say anything.</param>
internal sealed class JobCycle(
    RunRequest request,
    TimeProvider clock,
    Func<RunTitle, IRunOutput> open,
    string runId,
    Notifier notifier,
    LimitBook? limits = null
)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Begins it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="to">Its destinations that are due.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="kept">The way to a destination that is kept from cycle to cycle; null for none.</param>
    /// <returns>How each destination ends, in their order. Cancelled ones leave the target as a <c>sync</c> does that was ended.</returns>
    public IReadOnlyList<Task<JobOutcome>> Begin(
        Job job,
        IReadOnlyCollection<JobDestination> to,
        CancellationToken cancellationToken,
        Func<JobDestination, KeptLink?>? kept = null
    )
    {
        var source = new JobSource(
            to.Count,
            output => Open(job, to, output, cancellationToken),
            Machine.Services().NewId
        );
        // Devices block the thread that works on them.
        return
        [
            .. to.Select(one =>
                Task.Run(
                    () => RunAsync(job, one, source, kept?.Invoke(one), cancellationToken),
                    CancellationToken.None
                )
            ),
        ];
    }

    private OpenedSource Open(
        Job job,
        IReadOnlyCollection<JobDestination> to,
        IRunOutput output,
        CancellationToken cancellationToken
    )
    {
        var end = SenderRun.Open(RequestOf(job, to.First()), output.Warn, cancellationToken);
        var hooks = HooksOf(job, to, output);
        return new OpenedSource(
            end,
            hooks.HasAboutSnapshot ? new HookedSource(end.Snapshots, hooks, cancellationToken) : end.Snapshots
        );
    }

    private CycleHooks HooksOf(Job job, IReadOnlyCollection<JobDestination> to, IRunOutput output) =>
        new(job.Options.Hooks, CycleVariables.Of(job, to, runId, request.IsDryRun), output, clock);

    private async Task<JobOutcome> RunAsync(
        Job job,
        JobDestination to,
        JobSource source,
        KeptLink? kept,
        CancellationToken cancellationToken
    )
    {
        var title = new RunTitle(job.Device, to.Name) { Job = job.Name };
        using var output = open(title);
        var hooks = HooksOf(job, [to], output);
        var begunAt = clock.GetTimestamp();
        try
        {
            output.Start(request.IsDryRun);
            if (!request.IsDryRun && LimitText.OfNothingLeft(request.Budget) is { } nothing)
            {
                throw nothing;
            }

            Tell(() => notifier.Begun(job, to));
            var report = await SyncAsync(RequestOf(job, to), source, kept, output, cancellationToken);
            output.Finish(report);
            await hooks.RunAsync(HookPoint.PostCommit, CycleVariables.Of(report), cancellationToken);
            Tell(() => notifier.Succeeded(job, to, begunAt, report));
            return new JobOutcome(job, to, ExitCode.Ok);
        }
        catch (Exception thrown) when (cancellationToken.IsCancellationRequested)
        {
            if (thrown is HookException undone)
            {
                // A database that is frozen still, say: that is nobody's but a person's to mend.
                output.Fail(undone, undone.ExitCode);
            }

            // Whatever it was, a connection that broke, say: it was made to end.
            throw new OperationCanceledException(cancellationToken);
        }
        catch (RefusedException busy) when (busy.Id == ErrorId.Locked && request.IfRunning == BusyPolicy.Skip)
        {
            output.Warn($"{title}: another run is at work on it, and it is left to that");
            return new JobOutcome(job, to, ExitCode.Ok);
        }
#pragma warning disable CA1031 // The end of a job: its defect must not end the others.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            var failure = Failure.Of(thrown, signal: null);
            output.Fail(failure.Error, failure.Code);
            Tell(() => notifier.Failed(job, to, failure.Error));
            await TellFailureAsync(hooks, failure, output, cancellationToken);
            return new JobOutcome(job, to, failure.Code);
        }
    }

    /// <summary>What would only be done is told nobody.</summary>
    private void Tell(Action tell)
    {
        if (!request.IsDryRun)
        {
            tell();
        }
    }

    /// <summary>A hook that fails here changes nothing any more.</summary>
    private static async Task TellFailureAsync(
        CycleHooks hooks,
        Failure failure,
        IRunOutput output,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await hooks.RunAsync(HookPoint.OnFailure, CycleVariables.Of(failure.Error), cancellationToken);
        }
        catch (RsyncFsException also)
        {
            output.Fail(also, also.ExitCode);
        }
    }

    private async Task<CycleReport> SyncAsync(
        SyncRequest sync,
        JobSource source,
        KeptLink? kept,
        IRunOutput output,
        CancellationToken cancellationToken
    )
    {
        var begun = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return await SenderRun.SyncAsync(
                    sync,
                    output,
                    cancellationToken,
                    () => source.Join(output),
                    kept
                );
            }
            catch (RefusedException busy)
                when (busy.Id == ErrorId.Locked
                    && request.IfRunning == BusyPolicy.Wait
                    && clock.GetElapsedTime(begun) < request.Patience
                )
            {
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    private RateControl RateOf(Job job, JobDestination to)
    {
        var rates = request.Rates ?? to.Rates;
        return limits?.ControlOf(new JobWay(job.Name, to.Name), rates) ?? new RateControl(rates);
    }

    private SyncRequest RequestOf(Job job, JobDestination to)
    {
        var options = job.Options;
        return new SyncRequest
        {
            SourcePath = job.Device,
            Destination = to.Where,
            StateDirectory = request.StateDirectory,
            Keys = request.Keys,
            Pin = to.Pin,
            Ssh = to.Ssh,
            AllowPlaintext = to.AllowPlaintext,
            Rate = RateOf(job, to),
            Snapshot = options.Snapshot,
            Force = false,
            Create = false,
            ChangesPath = null,
            Journal = JournalPolicy.Default,
            Budget = request.Budget,
            Options = new ReplicationOptions
            {
                TargetName = EndPoints.TargetNameOf(to.Where),
                Purpose = request.IsDryRun ? Purpose.Estimate : Purpose.Replicate,
                Plan = options.Plan,
                BlockSizeBytes = options.BlockSizeBytes,
                Hash = options.Hash,
                Match = options.Match,
                Compression = to.Compression ?? options.Compression,
                FullCompareEvery = options.FullCompareEvery,
                CheckpointBytes = options.CheckpointBytes,
            },
        };
    }
}
