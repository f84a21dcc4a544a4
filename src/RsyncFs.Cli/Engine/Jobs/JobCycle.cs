using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Commands;
using RsyncFs.Cli.Commands.Jobs;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using RsyncFs.Linux.Hooks;
using RsyncFs.Protocol;
using RsyncFs.Sources;

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
    /// <param name="hold">Shared by all cycles of the job.</param>
    /// <param name="kept">The way to a destination that is kept from cycle to cycle; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public BegunCycle Begin(
        Job job,
        IReadOnlyCollection<JobDestination> to,
        SourceHold hold,
        Func<JobDestination, KeptLink?>? kept,
        CancellationToken cancellationToken
    )
    {
        var end = new CycleEnd(request.Budget, clock, cancellationToken);
        var source = new JobSource(
            to.Count,
            job.To.Count > 1,
            output => Open(job, to, hold, output, end.Token),
            Machine.Services().NewId
        );
        return new BegunCycle(
            source,
            end,
            to.Select<JobDestination, Func<Task<JobOutcome>>>(one =>
                () => RunAsync(job, one, source, kept?.Invoke(one), end, cancellationToken)
            )
        );
    }

    private SourceEnd Open(
        Job job,
        IReadOnlyCollection<JobDestination> to,
        SourceHold hold,
        IRunOutput output,
        CancellationToken cancellationToken
    )
    {
        var hooks = HooksOf(job, to, output);
        return SenderRun.Open(
            RequestOf(job, to.First()),
            output.Warn,
            cancellationToken,
            hold,
            source => hooks.HasAboutSnapshot ? new HookedSource(source, hooks, cancellationToken) : source
        );
    }

    private CycleHooks HooksOf(Job job, IReadOnlyCollection<JobDestination> to, IRunOutput output) =>
        new(job.Options.Hooks, CycleVariables.Of(job, to, runId, request.IsDryRun), output, clock);

    private async Task<JobOutcome> RunAsync(
        Job job,
        JobDestination to,
        JobSource source,
        KeptLink? kept,
        CycleEnd end,
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
            await using var told = end.LeftBehind.Register(() =>
                output.Warn(
                    $"{title}: the others go on without it; it has another {DurationText.Of(end.Limit)} for this cycle from their next copy on"
                )
            );
            var report = await SyncAsync(
                RequestOf(job, to) with
                {
                    Budget = end.Budget,
                },
                source,
                kept,
                output,
                end
            );
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
        CycleEnd end
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
                    end.Token,
                    () => source.Join(output, GiveUpIfTooSlow),
                    kept
                );
            }
            catch (Exception thrown)
                when (end.IsTooSlow && thrown is LimitReachedException or OperationCanceledException)
            {
                throw TooSlow(sync.Destination, end.Limit);
            }
            catch (RefusedException busy)
                when (busy.Id == ErrorId.Locked
                    && request.IfRunning == BusyPolicy.Wait
                    && clock.GetElapsedTime(begun) < request.Patience
                )
            {
                await Task.Delay(Pause, clock, end.Token);
            }
        }

        // Its snapshot is not to be gone on with: it would be there for ever.
        void GiveUpIfTooSlow(SourceState state)
        {
            if (end.IsTooSlow)
            {
                state.At(sync.Destination.ToString()).RememberResume(null);
            }
        }
    }

    private static RsyncFsException TooSlow(Destination to, TimeSpan limit) =>
        new(ErrorId.LimitReached, "the destination was slower than the others for too long")
        {
            Where = to.ToString(),
            Cause =
                $"the others went on without it {DurationText.Of(limit)} ago; its snapshot was given up: a first copy keeps what has arrived, a later delta begins anew",
            Hint = "more time: laggard_limit; or a faster way: bwlimit, compression",
        };

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
