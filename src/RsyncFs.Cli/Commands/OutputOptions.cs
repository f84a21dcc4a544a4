using System.CommandLine;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Output;
using RsyncFs.Cli.Output.Logs;

namespace RsyncFs.Cli.Commands;

/// <summary>The options of every verb: what is printed, and how.</summary>
internal sealed class OutputOptions
{
    private static readonly Choice<ProgressStyle> Styles = new(
        "--progress",
        ("auto", ProgressStyle.Auto),
        ("bar", ProgressStyle.Bar),
        ("log", ProgressStyle.Log),
        ("none", ProgressStyle.None)
    );

    private readonly Option<bool> _json = Flag.Of(
        "--json",
        "Print events as JSON, one a line, on standard output."
    );

    private readonly Option<string?> _progress = new("--progress")
    {
        Description = "How progress is shown on standard error; auto: a bar on a terminal, else log lines.",
        HelpName = Styles.HelpName,
    };

    private readonly Option<string?> _logFormat = new(LogFormats.Option)
    {
        Description =
            "The form of what is said on standard error; auto: systemd where that is the journal, else human.",
        HelpName = LogFormats.Words.HelpName,
    };

    private readonly Option<bool> _quiet = Flag.Of("--quiet", "Print errors only.", "-q");

    private readonly Option<bool> _verbose = Flag.Of(
        "--verbose",
        "Print the whole report; twice: stack traces of errors too.",
        "-v"
    );

    /// <summary>Adds the options to <paramref name="root"/> and to all its verbs.</summary>
    public void AddTo(RootCommand root)
    {
        foreach (var option in new Option[] { _json, _progress, _logFormat, _quiet, _verbose })
        {
            option.Recursive = true;
            root.Options.Add(option);
        }

        _progress.CompletionSources.Add(_ =>
            Styles.Words.Select(word => new System.CommandLine.Completions.CompletionItem(word))
        );
        _logFormat.CompletionSources.Add(_ =>
            LogFormats.Words.Words.Select(word => new System.CommandLine.Completions.CompletionItem(word))
        );
    }

    /// <summary>What the command line says.</summary>
    /// <exception cref="Errors.RsyncFsException">A word that is no progress style, or no form of a log.</exception>
    public OutputSettings Bind(ParseResult parsed) =>
        new(
            parsed.GetValue(_json),
            Styles.Parse(parsed.GetValue(_progress) ?? "auto"),
            parsed.GetValue(_quiet),
            parsed.GetResult(_verbose)?.IdentifierTokenCount ?? 0
        )
        {
            Log = LogFormats.Of(parsed.GetValue(_logFormat)),
        };
}
