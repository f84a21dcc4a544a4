using System.CommandLine;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Configuration;

namespace RsyncFs.Cli.Commands.Jobs;

/// <summary>
/// The words that a job of the configuration has, as long options: <c>block_size</c> is <c>--block-size</c>. What the line
/// says holds for all jobs, whatever the configuration says.
/// </summary>
internal sealed class SettingOptions
{
    private const string CompressionKey = "compression";

    // Named, and of a word alone, as 'sync' has them.
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["snapshot.type"] = "--snapshot",
        ["snapshot.cow_size"] = "--cow-size",
        ["snapshot.used_only"] = "--used-only",
        ["snapshot.keep_base"] = "--no-base",
    };

    private static readonly Dictionary<string, (string Text, string Description)> Flags = new(
        StringComparer.Ordinal
    )
    {
        ["snapshot.used_only"] = ("true", "What the filesystem calls free is not read, and counts as zeros."),
        ["snapshot.keep_base"] = (
            "false",
            "Keep no snapshot until the next cycle: nothing can be asked of it then."
        ),
    };

    private readonly List<(JobSetting Setting, Option Option)> _all;

    /// <summary>The options.</summary>
    /// <param name="isLoop">True for those, too, that say when cycles begin.</param>
    public SettingOptions(bool isLoop)
    {
        _all =
        [
            .. JobSetting
                .All.Where(setting => isLoop || !setting.IsOfLoop)
                .Select(setting => (setting, OptionOf(setting))),
        ];
    }

    /// <summary>The name of the option for what is <paramref name="key"/> in a configuration.</summary>
    public static string NameOf(string key) =>
        Names.GetValueOrDefault(key) ?? $"--{key.Replace('.', '-').Replace('_', '-')}";

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public void AddTo(Command command) => _all.ForEach(one => command.Options.Add(one.Option));

    /// <summary>The jobs with what the line says.</summary>
    /// <exception cref="Errors.RsyncFsException">It can not be understood.</exception>
    public IReadOnlyList<Job> Apply(ParseResult parsed, IReadOnlyList<Job> jobs)
    {
        var said = new List<(JobSetting Setting, string Text)>();
        foreach (var (setting, option) in _all)
        {
            if (TextOf(parsed, setting, option) is { } text)
            {
                said.Add((setting, text));
            }
        }

        return said.Count == 0 ? jobs : [.. jobs.Select(job => With(job, said))];
    }

    private static Job With(Job job, List<(JobSetting Setting, string Text)> said)
    {
        var options = said.Aggregate(job.Options, (known, one) => one.Setting.Read(known, one.Text));
        if (options.RetryFirst > options.RetryMax)
        {
            throw UsageError.Of(
                $"of job {job.Name} the first retry comes later than the last",
                "let --retry-first be at most --retry-max"
            );
        }

        // A receiver may have a word of its own for this one.
        var to = said.Exists(one => one.Setting.Key is CompressionKey)
            ? [.. job.To.Select(there => there with { Compression = null })]
            : job.To;
        return job with { Options = options, To = to };
    }

    private static Option OptionOf(JobSetting setting) =>
        Flags.TryGetValue(setting.Key, out var flag)
            ? Flag.Of(NameOf(setting.Key), flag.Description)
            : new Option<string?>(NameOf(setting.Key))
            {
                Description = setting.Meaning,
                HelpName = setting.Form,
            };

    private static string? TextOf(ParseResult parsed, JobSetting setting, Option option) =>
        option is Option<string?> worded ? parsed.GetValue(worded)
        : parsed.GetValue((Option<bool>)option) ? Flags[setting.Key].Text
        : null;
}
