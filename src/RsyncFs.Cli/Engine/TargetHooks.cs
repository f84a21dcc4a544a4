using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Engine.Jobs;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using RsyncFs.Linux.Hooks;
using RsyncFs.Protocol;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine;

/// <summary>What a receiver runs about the writes to its targets, and about what they become.</summary>
/// <param name="targets">The targets.</param>
/// <param name="log">Where their words go.</param>
/// <param name="runId">As in <see cref="Terminal.RunId"/>.</param>
/// <param name="clock">Tells time.</param>
internal sealed class TargetHooks(
    IReadOnlyList<TargetDefinition> targets,
    IHookLog log,
    string runId,
    TimeProvider clock
)
{
    private const string Committed = "target is at its new generation";
    private const string Untouched = "nothing was written";

    /// <summary>What is run in a session; null for nothing.</summary>
    public WriteHooks? Of(Target target, ServeSession session)
    {
        if (HooksOf(target.Name) is not { Count: > 0 } all)
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
            || HooksOf(target.Name) is not { Count: > 0 } all
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

    /// <summary>Runs what is to be run when a person makes a target a primary, or a replica again.</summary>
    /// <param name="point">Before it, or after it.</param>
    /// <param name="target">The target.</param>
    /// <param name="generation">Its generation; all zero if it has none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RefusedException">One failed whose failure counts. What is said of the target is what it is.</exception>
    public async Task RunAsync(
        HookPoint point,
        string target,
        Guid generation,
        CancellationToken cancellationToken
    )
    {
        if (HooksOf(target) is not { Count: > 0 } all)
        {
            return;
        }

        try
        {
            await new CycleHooks(all, VariablesOf(target, generation), log, clock).RunAsync(
                point,
                new Dictionary<string, string>(StringComparer.Ordinal),
                cancellationToken
            );
        }
        catch (HookException failure)
        {
            var state = point == HookPoint.PostPromote ? "the target is the primary" : "nothing was changed";
            throw new RefusedException(ErrorId.TargetHookFailed, $"a hook failed; {state}", failure)
            {
                Where = $"{target}: {failure.Where}",
                Cause = failure.Cause,
                Hint =
                    "mend it, or let it have 'on_error: warn' in the receiver's configuration; then the same command again",
            };
        }
    }

    private IReadOnlyList<Hook>? HooksOf(string target) => DefinitionOf(target)?.Hooks;

    private TargetDefinition? DefinitionOf(string target) =>
        targets.FirstOrDefault(one => string.Equals(one.Name, target, StringComparison.Ordinal));

    private CycleHooks Hooks(IReadOnlyList<Hook> all, Target target, ServeSession session, Guid generation)
    {
        var variables = VariablesOf(target.Name, generation);
        variables["RSYNCFS_PEER"] = session.Who.Name ?? session.Peer;
        return new CycleHooks(all, variables, log, clock)
        {
            About = (HookPoint.PreApply, HookPoint.PostApply),
        };
    }

    private Dictionary<string, string> VariablesOf(string target, Guid generation)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["RSYNCFS_TARGET"] = target,
            ["RSYNCFS_DEVICE"] = DefinitionOf(target)!.DevicePath,
            ["RSYNCFS_RUN_ID"] = runId,
            ["RSYNCFS_DRY_RUN"] = "0",
        };
        if (generation != Guid.Empty)
        {
            variables[CycleVariables.Generation] = generation.ToString("N");
        }

        return variables;
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
