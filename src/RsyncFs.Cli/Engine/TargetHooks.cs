using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Commands;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Engine.Jobs;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using RsyncFs.Linux.Hooks;
using RsyncFs.Protocol;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine;

/// <summary>What a receiver runs about the writes to its targets.</summary>
/// <param name="request">Has the targets.</param>
/// <param name="log">Where their words go.</param>
/// <param name="runId">As in <see cref="Terminal.RunId"/>.</param>
/// <param name="clock">Tells time.</param>
internal sealed class TargetHooks(ServeRequest request, IHookLog log, string runId, TimeProvider clock)
{
    private const string Committed = "target is at its new generation";
    private const string Untouched = "nothing was written";

    /// <summary>What is run in a session; null for nothing.</summary>
    public WriteHooks? Of(Target target, ServeSession session)
    {
        if (HooksOf(target) is not { Count: > 0 } all)
        {
            return null;
        }

        CycleHooks? open = null;
        return new WriteHooks
        {
            Before = (generation, token) =>
            {
                open = Hooks(all, target, session, generation);
                return RunAsync(() => open.BeforeAsync(token), target, Untouched);
            },
            After = async () =>
            {
                var failure = open is null ? null : await open.AfterAsync();
                if (failure is null)
                {
                    return null;
                }

                log.Warn(
                    $"target {target.Name}: what was done before the writes was not undone: {failure.Where}"
                );
                return Failed(failure, target, "what was done before the writes was not undone");
            },
            Committed = (generation, isChanged, token) =>
                RunAsync(
                    () =>
                        Hooks(all, target, session, generation)
                            .RunAsync(
                                HookPoint.PostCommit,
                                new Dictionary<string, string>(StringComparer.Ordinal)
                                {
                                    [CycleVariables.Result] = isChanged ? "ok" : "nochange",
                                },
                                token
                            ),
                    target,
                    Committed
                ),
        };
    }

    /// <summary>Runs what is to be run when a session has failed that wanted to write a target. A failure of it changes nothing any more.</summary>
    public async Task TellFailureAsync(ServeSession session, RsyncFsException error)
    {
        if (
            session is not { Target: { } target, Purpose: Purpose.Replicate }
            || HooksOf(target) is not { Count: > 0 } all
        )
        {
            return;
        }

        try
        {
            await Hooks(all, target, session, Guid.Empty)
                .RunAsync(HookPoint.OnFailure, CycleVariables.Of(error), CancellationToken.None);
        }
        catch (RsyncFsException also)
        {
            log.Warn(
                $"target {target.Name}: {also.Message}: {also.Where}: {also.Cause?.ReplaceLineEndings("; ")}"
            );
        }
    }

    private IReadOnlyList<Hook>? HooksOf(Target target) => DefinitionOf(target)?.Hooks;

    private TargetDefinition? DefinitionOf(Target target) =>
        request.Targets.FirstOrDefault(one => string.Equals(one.Name, target.Name, StringComparison.Ordinal));

    private CycleHooks Hooks(IReadOnlyList<Hook> all, Target target, ServeSession session, Guid generation)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["RSYNCFS_TARGET"] = target.Name,
            ["RSYNCFS_DEVICE"] = DefinitionOf(target)!.DevicePath,
            ["RSYNCFS_PEER"] = session.Who.Name ?? session.Peer,
            ["RSYNCFS_RUN_ID"] = runId,
            ["RSYNCFS_DRY_RUN"] = "0",
        };
        if (generation != Guid.Empty)
        {
            variables[CycleVariables.Generation] = generation.ToString("N");
        }

        return new CycleHooks(all, variables, log, clock)
        {
            About = (HookPoint.PreApply, HookPoint.PostApply),
        };
    }

    private async Task RunAsync(Func<Task> run, Target target, string state)
    {
        try
        {
            await run();
        }
        catch (HookException failure)
        {
            log.Warn($"target {target.Name}: {failure.Where}: {failure.Cause?.ReplaceLineEndings("; ")}");
            throw Failed(failure, target, state);
        }
    }

    // What it is and what it said is this machine's affair, and in its log.
    private static RefusedException Failed(RsyncFsException failure, Target target, string state) =>
        new(ErrorId.TargetHookFailed, $"a hook of the receiver failed; {state}", failure)
        {
            Where = target.Name,
            Cause = failure.Cause?.Split('\n')[0],
            Hint = "the receiver's log has what the hook said",
        };
}
