using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Configuration;

/// <summary>Reads who is told what of which jobs, and prints it.</summary>
internal static class NotifyReader
{
    /// <summary>The events and their words.</summary>
    public static Choice<NotifyEvent> Events { get; } =
        new(
            "on",
            ("start", NotifyEvent.Start),
            ("success", NotifyEvent.Success),
            ("failed", NotifyEvent.Failed),
            ("lagging", NotifyEvent.Lagging),
            ("fenced", NotifyEvent.Fenced),
            ("recovered", NotifyEvent.Recovered)
        );

    /// <summary>How an address is asked.</summary>
    public static Choice<bool> Methods { get; } = new("method", ("get", false), ("post", true));

    /// <summary>All that <paramref name="list"/> says, in its order.</summary>
    /// <param name="list">The list.</param>
    /// <param name="jobs">The jobs that there are.</param>
    public static IReadOnlyList<NotifyRule> ReadAll(ConfigNode list, IReadOnlyList<Job> jobs) =>
        [.. list.AsList().Select(node => ReadOne(node, jobs)).OfType<NotifyRule>()];

    /// <summary>What a rule says, each by its key, in order, as it is read; lists have brackets.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="scalar">Prints one word.</param>
    public static IEnumerable<(string Key, string Text)> Said(NotifyRule rule, Func<string, string> scalar)
    {
        yield return ("on", List(rule.On.Select(Events.WordOf)));
        if (rule.Ping is { } address)
        {
            yield return ("ping", scalar(address.OriginalString));
            yield return ("method", Methods.WordOf(rule.IsPost));
        }
        else
        {
            yield return ("run", List(rule.Run.Select(scalar)));
        }

        yield return ("timeout", TimeLength.Print(rule.Timeout));
        yield return ("remind_every", TimeLength.Print(rule.RemindEvery));
        if (rule.Every > TimeSpan.Zero)
        {
            yield return ("every", TimeLength.Print(rule.Every));
        }

        if (rule.Jobs.Count > 0)
        {
            yield return ("jobs", List(rule.Jobs.Select(scalar)));
        }

        static string List(IEnumerable<string> words) => $"[{string.Join(", ", words)}]";
    }

    private static NotifyRule? ReadOne(ConfigNode node, IReadOnlyList<Job> jobs)
    {
        if (node.AsMap() is not { } map)
        {
            return null;
        }

        var on = ReadEvents(map);
        var run = map.Take("run") is { } words ? HookReader.ReadProgram(words) : [];
        var ping = map.Read<Uri?>("ping", Address, otherwise: null);
        if (run.Length > 0 == ping is not null)
        {
            node.Refuse(
                run.Length > 0 ? "'run' and 'ping' in one entry" : "nobody is told",
                "write run: [PROGRAM, ...] or ping: https://..., each in an entry of its own"
            );
        }

        if (map.Take("method") is { } method && ping is null)
        {
            method.Refuse("it is for ping", "take it out");
        }

        var rule = new NotifyRule
        {
            On = on,
            Run = run,
            Ping = ping,
            IsPost = map.Read("method", Methods.Parse, otherwise: false),
            Timeout = map.Read(
                "timeout",
                HookReader.Time,
                ping is null ? NotifyRule.DefaultRunTimeout : NotifyRule.DefaultPingTimeout
            ),
            RemindEvery = map.Read("remind_every", JobSetting.NotNothing, NotifyRule.DefaultReminder),
            Every = map.Read("every", TimeLength.Parse, TimeSpan.Zero),
            Jobs = ReadJobs(map, jobs),
        };
        map.Finish();
        WarnOfNoRpo(node, rule, jobs);
        return on.Count > 0 && (run.Length > 0 || ping is not null) ? rule : null;
    }

    private static List<NotifyEvent> ReadEvents(ConfigMap map)
    {
        if (map.Take("on") is not { } list)
        {
            _ = map.Require("on", $"a list of: {string.Join(' ', Events.Words)}");
            return [];
        }

        var events = list.AsList()
            .Select(item => item.As<NotifyEvent?>(text => Events.Parse(text), otherwise: null))
            .OfType<NotifyEvent>()
            .Distinct()
            .ToList();
        if (list.IsList && list.AsList().Count == 0)
        {
            list.Refuse("it is empty", $"a list of: {string.Join(' ', Events.Words)}");
        }

        return events;
    }

    private static List<string> ReadJobs(ConfigMap map, IReadOnlyList<Job> jobs)
    {
        var names = new List<string>();
        foreach (var item in map.Take("jobs")?.AsList() ?? [])
        {
            if (item.AsText() is not { } name)
            {
                continue;
            }

            var all = jobs.Select(job => job.Name).ToList();
            if (!all.Contains(name, StringComparer.Ordinal))
            {
                var nearest = NearestWord.Find(name, all);
                item.Refuse(
                    $"there is no job '{name}'",
                    nearest is null ? $"jobs: {string.Join(' ', all)}" : $"did you mean '{nearest}'?"
                );
            }

            names.Add(name);
        }

        return names;
    }

    private static void WarnOfNoRpo(ConfigNode node, NotifyRule rule, IReadOnlyList<Job> jobs)
    {
        if (
            rule.On.Contains(NotifyEvent.Lagging)
            && jobs.FirstOrDefault(job => rule.IsFor(job.Name) && job.Options.Rpo is null) is { } without
        )
        {
            node.Faults.Warn(
                node.Place,
                $"job {without.Name} has no rpo, and is never told to be lagging",
                "say how far a destination may be behind: rpo: 1h"
            );
        }
    }

    private static Uri? Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw UsageError.Of($"'{text}' is no address", "as in https://hc.example.net/ping/2f6a0c1e");
}
