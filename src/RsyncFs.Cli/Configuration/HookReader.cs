using RsyncFs.Cli.Arguments;
using RsyncFs.Linux.Hooks;
using RsyncFs.Protocol;

namespace RsyncFs.Cli.Configuration;

/// <summary>Reads the hooks of a job.</summary>
internal static class HookReader
{
    // What the storage takes for a snapshot.
    private static readonly TimeSpan SnapshotMargin = TimeSpan.FromMinutes(1);

    /// <summary>The points of a job and their words.</summary>
    public static Choice<HookPoint> Points { get; } =
        new(
            "at",
            ("pre_snapshot", HookPoint.PreSnapshot),
            ("post_snapshot", HookPoint.PostSnapshot),
            ("post_commit", HookPoint.PostCommit),
            ("on_failure", HookPoint.OnFailure)
        );

    /// <summary>The points of a target of a receiver and their words.</summary>
    public static Choice<HookPoint> TargetPoints { get; } =
        new(
            "at",
            ("pre_apply", HookPoint.PreApply),
            ("post_apply", HookPoint.PostApply),
            ("post_commit", HookPoint.PostCommit),
            ("on_failure", HookPoint.OnFailure),
            ("pre_promote", HookPoint.PrePromote),
            ("post_promote", HookPoint.PostPromote),
            ("pre_demote", HookPoint.PreDemote)
        );

    /// <summary>All points.</summary>
    public static Choice<HookPoint> AllPoints { get; } =
        new(
            "at",
            [
                .. Points.Words.Select(word => (word, Points.Parse(word))),
                .. TargetPoints.Words.Select(word => (word, TargetPoints.Parse(word))),
            ]
        );

    /// <summary>What becomes of a failure.</summary>
    public static Choice<bool> OnError { get; } = new("on_error", ("warn", false), ("abort", true));

    /// <summary>Those that <paramref name="map"/> says, in its order; where it says nothing those that are <paramref name="inherited"/>.</summary>
    public static IReadOnlyList<Hook> Read(ConfigMap map, IReadOnlyList<Hook> inherited) =>
        map.Take("hooks") is { } list ? ReadAll(list, Points) : inherited;

    /// <summary>Those of a target of a receiver.</summary>
    public static IReadOnlyList<Hook> ReadOfTarget(ConfigMap map) =>
        map.Take("hooks") is { } list ? ReadAll(list, TargetPoints) : [];

    private static List<Hook> ReadAll(ConfigNode list, Choice<HookPoint> points)
    {
        var hooks = new List<Hook>();
        var places = new List<ConfigNode>();
        foreach (var node in list.AsList())
        {
            if (ReadOne(node, points) is not { } hook)
            {
                continue;
            }

            if (
                hook.GivenName is { } name
                && hooks.Exists(other =>
                    other.At == hook.At && string.Equals(other.GivenName, name, StringComparison.Ordinal)
                )
            )
            {
                node.Refuse($"there is a hook '{name}' at that point already", "a name is of one pair");
            }

            places.Add(node);
            hooks.Add(hook);
        }

        foreach (var (hook, node) in hooks.Zip(places))
        {
            WarnOfNoPair(hook, node, hooks);
        }

        RefuseTooLong(list, hooks, isOfTarget: ReferenceEquals(points, TargetPoints));
        return hooks;
    }

    /// <summary>A name of a hook that undoes something says what; one that nothing bears is mistyped.</summary>
    private static void WarnOfNoPair(Hook hook, ConfigNode node, List<Hook> hooks)
    {
        var point = hook.At == HookPoint.PostApply ? HookPoint.PreApply : HookPoint.PreSnapshot;
        var before = hooks.Where(other => other.At == point).ToList();
        if (
            hook is { At: HookPoint.PostSnapshot or HookPoint.PostApply, GivenName: { } name }
            && !before.Exists(other => string.Equals(other.GivenName, name, StringComparison.Ordinal))
        )
        {
            var nearest = NearestWord.Find(name, before.Select(other => other.GivenName).OfType<string>());
            node.Faults.Warn(
                node.Place,
                $"there is no hook '{name}' at {AllPoints.WordOf(point)}, and so this one is always run",
                nearest is null ? "give the two of a pair one name" : $"did you mean '{nearest}'?"
            );
        }
    }

    /// <summary>The other end waits meanwhile, and gives up one that says nothing for too long.</summary>
    private static void RefuseTooLong(ConfigNode list, List<Hook> hooks, bool isOfTarget)
    {
        var longest = ProtocolLimits.ProgressDeadline(SessionPhase.Idle) - SnapshotMargin;
        var about = hooks.Where(hook => IsWaitedFor(hook.At, isOfTarget));
        var seconds = about.Sum(hook => (hook.Timeout + HookProgram.Grace).TotalSeconds);
        if (seconds > longest.TotalSeconds)
        {
            list.Refuse(
                $"the hooks during which the other end waits may take {TimeLength.Print(TimeSpan.FromSeconds(seconds))} together, and it waits no longer than {TimeLength.Print(longest)}",
                $"give them less time: their timeouts, each and {TimeLength.Print(HookProgram.Grace)}, count"
            );
        }
    }

    private static bool IsWaitedFor(HookPoint at, bool isOfTarget) =>
        at is HookPoint.PreSnapshot or HookPoint.PostSnapshot or HookPoint.PreApply or HookPoint.PostApply
        || (isOfTarget && at == HookPoint.PostCommit);

    private static Hook? ReadOne(ConfigNode node, Choice<HookPoint> points)
    {
        if (node.AsMap() is not { } map)
        {
            return null;
        }

        HookPoint? at = map.Take("at") is { } word
            ? word.As<HookPoint?>(text => points.Parse(text), otherwise: null)
            : Missing("at", $"one of: {string.Join(' ', points.Words)}");
        var run = map.Take("run");
        if (run is null)
        {
            Missing("run", "the program and its arguments: run: [/usr/local/bin/checkpoint, --now]");
        }

        var words = run is null ? [] : ReadProgram(run);
        var timeout = map.Read("timeout", Time, Hook.DefaultTimeout);
        // What was not made ready is better left as it is; afterwards nothing is lost.
        var aborts = map.Read(
            "on_error",
            OnError.Parse,
            otherwise: at
                is HookPoint.PreSnapshot
                    or HookPoint.PreApply
                    or HookPoint.PrePromote
                    or HookPoint.PreDemote
        );
        var name = map.Read<string?>("name", text => text, otherwise: null);
        map.Finish();
        return at is { } point && words.Length > 0 ? new Hook(point, words, timeout, aborts, name) : null;

        HookPoint? Missing(string key, string hint)
        {
            _ = map.Require(key, hint);
            return null;
        }
    }

    /// <summary>A program and its arguments; none, and a fault, if there is none.</summary>
    public static string[] ReadProgram(ConfigNode run)
    {
        string[] words = [.. run.AsList().Select(item => item.AsText()).OfType<string>()];
        if (words is [var program, ..] && !Path.IsPathRooted(program))
        {
            run.Refuse($"'{program}' is not an absolute path", "no shell looks for it: write where it is");
        }

        return words;
    }

    /// <summary>How long a program may take.</summary>
    /// <exception cref="Errors.RsyncFsException">It is no time, or too long a one.</exception>
    public static TimeSpan Time(string text)
    {
        var length = TimeLength.Parse(text);
        return length > TimeSpan.Zero && length <= TimeSpan.FromDays(1)
            ? length
            : throw UsageError.Of($"'{text}' is no time for a hook", "more than nothing, and at most 1d");
    }
}
