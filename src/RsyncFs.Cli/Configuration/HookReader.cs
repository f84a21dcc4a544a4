using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Configuration;

/// <summary>Reads the hooks of a job.</summary>
internal static class HookReader
{
    /// <summary>The points and their words.</summary>
    public static Choice<HookPoint> Points { get; } =
        new(
            "at",
            ("pre_snapshot", HookPoint.PreSnapshot),
            ("post_snapshot", HookPoint.PostSnapshot),
            ("post_commit", HookPoint.PostCommit),
            ("on_failure", HookPoint.OnFailure)
        );

    /// <summary>What becomes of a failure.</summary>
    public static Choice<bool> OnError { get; } = new("on_error", ("warn", false), ("abort", true));

    /// <summary>Those that <paramref name="map"/> says, in its order; where it says nothing those that are <paramref name="inherited"/>.</summary>
    public static IReadOnlyList<Hook> Read(ConfigMap map, IReadOnlyList<Hook> inherited) =>
        map.Take("hooks") is { } list ? ReadAll(list) : inherited;

    private static List<Hook> ReadAll(ConfigNode list)
    {
        var hooks = new List<Hook>();
        foreach (var node in list.AsList())
        {
            if (ReadOne(node) is not { } hook)
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

            hooks.Add(hook);
        }

        return hooks;
    }

    private static Hook? ReadOne(ConfigNode node)
    {
        if (node.AsMap() is not { } map)
        {
            return null;
        }

        HookPoint? at = map.Take("at") is { } word
            ? word.As<HookPoint?>(text => Points.Parse(text), otherwise: null)
            : Missing("at", $"one of: {string.Join(' ', Points.Words)}");
        var run = map.Take("run");
        if (run is null)
        {
            Missing("run", "the program and its arguments: run: [/usr/local/bin/checkpoint, --now]");
        }

        string[] words = run is null ? [] : [.. run.AsList().Select(item => item.AsText()).OfType<string>()];
        if (words is [var program, ..] && !Path.IsPathRooted(program))
        {
            run!.Refuse($"'{program}' is not an absolute path", "no shell looks for it: write where it is");
        }

        var timeout = map.Read("timeout", Time, Hook.DefaultTimeout);
        // A source that was not made ready is better not copied; afterwards nothing is lost.
        var aborts = map.Read("on_error", OnError.Parse, otherwise: at == HookPoint.PreSnapshot);
        var name = map.Read<string?>("name", text => text, otherwise: null);
        map.Finish();
        return at is { } point && words.Length > 0 ? new Hook(point, words, timeout, aborts, name) : null;

        HookPoint? Missing(string key, string hint)
        {
            _ = map.Require(key, hint);
            return null;
        }
    }

    private static TimeSpan Time(string text)
    {
        var length = TimeLength.Parse(text);
        return length > TimeSpan.Zero && length <= TimeSpan.FromDays(1)
            ? length
            : throw UsageError.Of($"'{text}' is no time for a hook", "more than nothing, and at most 1d");
    }
}
