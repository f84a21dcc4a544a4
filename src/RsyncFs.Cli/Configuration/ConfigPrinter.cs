using System.Buffers;
using System.Text;
using System.Text.Json;
using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Configuration;

/// <summary>Prints what the files of a configuration come to: one, in which each job says all that holds for it, and that reads the same.</summary>
internal static class ConfigPrinter
{
    private const int StepColumns = 2;

    // What YAML takes for a text without quotes, wherever it stands.
    private static readonly SearchValues<char> PlainLetters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+%@"
    );

    /// <summary>The text, a line feed at its end.</summary>
    /// <param name="config">What the files say.</param>
    /// <param name="jobs">The jobs that are wanted.</param>
    /// <param name="withDefaults">True for what nobody said, too.</param>
    public static string Print(Config config, IReadOnlyList<Job> jobs, bool withDefaults)
    {
        var text = new StringBuilder();
        Line(text, 0, "version", "1");
        Line(text, 0, "state", config.StateDirectory);
        Line(text, 0, "identity", config.KeyPath);
        Line(text, 0, "peers_file", config.PeersPath);
        PrintReceivers(text, config, jobs);
        PrintJobs(text, jobs, withDefaults);
        PrintNotify(text, config.Notify, jobs);
        PrintTargets(text, config.Targets);
        return text.ToString();
    }

    private static void PrintJobs(StringBuilder text, IReadOnlyList<Job> jobs, bool withDefaults)
    {
        if (jobs.Count > 0)
        {
            Head(text, 0, "jobs");
        }

        foreach (var job in jobs)
        {
            PrintJob(text, job, withDefaults);
        }
    }

    private static void PrintTargets(StringBuilder text, IReadOnlyList<TargetDefinition> targets)
    {
        if (targets.Count > 0)
        {
            Head(text, 0, "targets");
        }

        foreach (var target in targets)
        {
            text.Append("  - name: ").Append(Scalar(target.Name)).Append('\n');
            Line(text, 2, "device", target.DevicePath);
            Line(text, 2, "init", TargetReader.Permissions.WordOf(target.Init));
            PrintHooks(text, target.Hooks);
        }
    }

    private static void PrintNotify(
        StringBuilder text,
        IReadOnlyList<NotifyRule> rules,
        IReadOnlyList<Job> jobs
    )
    {
        var wanted = rules.Where(rule => jobs.Any(job => rule.IsFor(job.Name))).ToList();
        if (wanted.Count > 0)
        {
            Head(text, 0, "notify");
        }

        foreach (var rule in wanted)
        {
            var lines = NotifyReader
                .Said(OnlyOf(rule, jobs), Scalar)
                .Select(said => $"{said.Key}: {said.Text}");
            text.Append("  - ").AppendJoin("\n    ", lines).Append('\n');
        }
    }

    // Of jobs that are not printed nothing is told.
    private static NotifyRule OnlyOf(NotifyRule rule, IReadOnlyList<Job> jobs) =>
        rule with
        {
            Jobs =
            [
                .. rule.Jobs.Where(name =>
                    jobs.Any(job => string.Equals(job.Name, name, StringComparison.Ordinal))
                ),
            ],
        };

    private static void PrintReceivers(StringBuilder text, Config config, IReadOnlyList<Job> jobs)
    {
        var used = jobs.SelectMany(job => job.To)
            .Select(there => there.Name)
            .ToHashSet(StringComparer.Ordinal);
        var receivers = config.Receivers.Where(receiver => used.Contains(receiver.Name)).ToList();
        if (receivers.Count > 0)
        {
            Head(text, 0, "receivers");
        }

        foreach (var (name, entry) in receivers)
        {
            Head(text, 1, name);
            Line(text, 2, "url", entry.Url);
            Line(text, 2, "key", entry.Pin?.ToString());
            Line(text, 2, "allow_plaintext", entry.AllowPlaintext ? "true" : null);
            var (ssh, usual) = (entry.Ssh, SshSettings.Default);
            Line(text, 2, "ssh_command", ssh.Program == usual.Program ? null : string.Join(' ', ssh.Program));
            Line(
                text,
                2,
                "remote_rsyncfs",
                string.Equals(ssh.RemoteProgram, usual.RemoteProgram, StringComparison.Ordinal)
                    ? null
                    : ssh.RemoteProgram
            );
            Line(text, 2, "compression", entry.Compression?.ToString());
            PrintRates(text, entry.Rates);
        }
    }

    private static void PrintRates(StringBuilder text, RateSchedule rates)
    {
        if (rates.Rules is [{ IsForever: true } only])
        {
            Line(text, 2, "bwlimit", only.Rate.ToString());
            return;
        }

        if (rates.Rules.Count > 0)
        {
            Head(text, 2, "bwlimit");
        }

        foreach (var rule in rates.Rules)
        {
            var said = RateRules.Said(rule).Select(entry => $"{entry.Key}: {Scalar(entry.Text)}");
            text.Append("      - { ").AppendJoin(", ", said).Append(" }\n");
        }
    }

    private static void PrintJob(StringBuilder text, Job job, bool withDefaults)
    {
        text.Append("  - name: ").Append(Scalar(job.Name)).Append('\n');
        Line(text, 2, "device", job.Device);
        Head(text, 2, "to");
        foreach (var there in job.To)
        {
            var target = there.Where is RemoteDestination remote ? remote.Target : null;
            text.Append("      - ")
                .Append(
                    target is null || string.Equals(target, job.Name, StringComparison.Ordinal)
                        ? Scalar(there.Name)
                        : $"{{ receiver: {Scalar(there.Name)}, target: {Scalar(target)} }}"
                )
                .Append('\n');
        }

        string? group = null;
        foreach (var (key, value) in JobSetting.Said(job.Options, withDefaults))
        {
            var keys = key.Split('.');
            if (keys.Length > 1 && !string.Equals(group, keys[0], StringComparison.Ordinal))
            {
                Head(text, 2, keys[0]);
            }

            group = keys.Length > 1 ? keys[0] : null;
            Line(text, keys.Length + 1, keys[^1], value);
        }

        PrintHooks(text, job.Options.Hooks);
    }

    private static void PrintHooks(StringBuilder text, IReadOnlyList<Hook> hooks)
    {
        if (hooks.Count > 0)
        {
            Head(text, 2, "hooks");
        }

        foreach (var hook in hooks)
        {
            text.Append("      - at: ").Append(HookReader.AllPoints.WordOf(hook.At)).Append('\n');
            text.Append("        run: [").AppendJoin(", ", hook.Run.Select(Scalar)).Append("]\n");
            Line(text, 4, "name", hook.GivenName);
            Line(text, 4, "timeout", TimeLength.Print(hook.Timeout));
            Line(text, 4, "on_error", HookReader.OnError.WordOf(hook.Aborts));
        }
    }

    private static void Head(StringBuilder text, int depth, string key) =>
        text.Append(' ', depth * StepColumns).Append(key).Append(":\n");

    private static void Line(StringBuilder text, int depth, string key, string? value)
    {
        if (value is not null)
        {
            text.Append(' ', depth * StepColumns).Append(key).Append(": ").Append(Scalar(value)).Append('\n');
        }
    }

    // A text in quotes of YAML reads as one of JSON does (YAML 1.2.2, 7.3.1).
    private static string Scalar(string text) =>
        text.AsSpan().ContainsAnyExcept(PlainLetters) || text[0] is '-' or '%' or '@'
            ? $"\"{JsonEncodedText.Encode(text)}\""
            : text;
}
