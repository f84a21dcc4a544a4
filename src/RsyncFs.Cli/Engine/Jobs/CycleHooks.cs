using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using RsyncFs.Linux.Hooks;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>The hooks of a job in one cycle, or of a target in one session.</summary>
/// <param name="hooks">All of them, in the order of the file.</param>
/// <param name="environment">What they are told of the cycle.</param>
/// <param name="output">Where their words go.</param>
/// <param name="clock">Tells time.</param>
internal sealed class CycleHooks(
    IReadOnlyList<Hook> hooks,
    IReadOnlyDictionary<string, string> environment,
    IHookLog output,
    TimeProvider clock
)
{
    private static readonly Dictionary<string, string> Nothing = new(StringComparer.Ordinal);

    private HashSet<string> _notDone = [];
    private bool _isUndone;

    /// <summary>Where what is to be undone is done, and where it is undone.</summary>
    public (HookPoint Before, HookPoint After) About { get; init; } =
        (HookPoint.PreSnapshot, HookPoint.PostSnapshot);

    /// <summary>True if something is run before or after the snapshot.</summary>
    public bool HasAboutSnapshot =>
        hooks.Any(hook => hook.At is HookPoint.PreSnapshot or HookPoint.PostSnapshot);

    /// <summary>Runs what comes before the snapshot, takes it, and undoes what was done, whatever became of it.</summary>
    /// <exception cref="RsyncFsException">A hook failed whose failure is the cycle's, or <paramref name="take"/>. All is undone that was done.</exception>
    public async Task<T> AroundSnapshotAsync<T>(Func<T> take, CancellationToken cancellationToken)
    {
        try
        {
            await BeforeAsync(cancellationToken);
            var taken = take();
            if (await AfterAsync() is { } undone)
            {
                throw undone;
            }

            return taken;
        }
        catch (Exception failed) when (!_isUndone)
        {
            if (await AfterAsync() is { } also && !ReferenceEquals(also, failed))
            {
                output.Warn(
                    $"and what was done before the snapshot was not undone: {also.Message}: {also.Where}"
                );
            }

            throw;
        }
    }

    /// <summary>Runs what comes before, in the order of the file.</summary>
    /// <exception cref="RsyncFsException">A hook failed whose failure is the cycle's. <see cref="AfterAsync"/> undoes what was done.</exception>
    public async Task BeforeAsync(CancellationToken cancellationToken)
    {
        _isUndone = false;
        var before = hooks.Where(hook => hook.At == About.Before).ToList();
        _notDone = before.Select(hook => hook.GivenName).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var hook in before)
        {
            // Whoever is cut, by its time or by the end of the run, may have done what is to be undone.
            var name = hook.GivenName ?? "";
            _notDone.Remove(name);
            var failure = await TryAsync(hook, Nothing, cancellationToken);
            if (failure is { HasEndedItself: true })
            {
                _notDone.Add(name);
            }

            Settle(hook, failure);
        }
    }

    /// <summary>Undoes what was done before, the last of the file first.</summary>
    /// <returns>The first failure that is the cycle's; null if there is none.</returns>
    public Task<RsyncFsException?> AfterAsync() =>
        UndoAsync(
            hooks
                .Where(hook => hook.At == About.After)
                .Where(hook => hook.GivenName is not { } name || !_notDone.Contains(name))
                .Reverse()
        );

    /// <summary>Runs what comes at <paramref name="point"/>, in the order of the file.</summary>
    /// <param name="point">After the cycle.</param>
    /// <param name="more">What is known only now.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RsyncFsException">A hook failed whose failure is the cycle's; those behind it were not run.</exception>
    public async Task RunAsync(
        HookPoint point,
        IReadOnlyDictionary<string, string> more,
        CancellationToken cancellationToken
    )
    {
        foreach (var hook in hooks.Where(hook => hook.At == point))
        {
            Settle(hook, await TryAsync(hook, more, cancellationToken));
        }
    }

    /// <summary>What was frozen must thaw: each is run, whatever became of the others, and though the run is to end.</summary>
    /// <returns>The first failure that is the cycle's; null if there is none.</returns>
    private async Task<RsyncFsException?> UndoAsync(IEnumerable<Hook> toUndo)
    {
        _isUndone = true;
        RsyncFsException? first = null;
        foreach (var hook in toUndo)
        {
            var failure = await TryAsync(hook, Nothing, CancellationToken.None);
            if (failure is not null && hook.Aborts)
            {
                first ??= failure;
            }
            else
            {
                TrySettle(hook, failure);
            }
        }

        return first;
    }

    /// <summary>As <see cref="Settle"/> for one that only warns, where there may be nothing to say it on.</summary>
    private void TrySettle(Hook hook, HookException? failure)
    {
        try
        {
            Settle(hook, failure);
        }
        catch (IOException)
        {
            // The others are to be undone all the same.
        }
    }

    private async Task<HookException?> TryAsync(
        Hook hook,
        IReadOnlyDictionary<string, string> more,
        CancellationToken cancellationToken
    )
    {
        var all = new Dictionary<string, string>(environment, StringComparer.Ordinal)
        {
            [CycleVariables.Event] = HookReader.AllPoints.WordOf(hook.At),
        };
        foreach (var (name, value) in more)
        {
            all[name] = value;
        }

        try
        {
            await new HookProgram(hook.Run, hook.Timeout, clock).RunAsync(
                all,
                (line, isError) => output.Hear(hook.Name, line, isError),
                cancellationToken
            );
            return null;
        }
        catch (HookException failure)
        {
            return failure;
        }
    }

    private void Settle(Hook hook, HookException? failure)
    {
        if (failure is null)
        {
            return;
        }

        if (hook.Aborts)
        {
            throw failure;
        }

        output.Warn($"hook {hook.Name} failed: {failure.Cause?.ReplaceLineEndings("; ")}");
    }
}
