using RsyncFs.Cli.Output.Logs;

namespace RsyncFs.Cli.Output;

/// <summary>What a run prints, and how.</summary>
/// <param name="Json">Events, one a line, on standard output, and nothing else there.</param>
/// <param name="Progress">How progress is shown.</param>
/// <param name="Quiet">Errors only.</param>
/// <param name="Verbosity">How often <c>-v</c> was given.</param>
internal sealed record OutputSettings(bool Json, ProgressStyle Progress, bool Quiet, int Verbosity)
{
    /// <summary>The form of what is said on standard error.</summary>
    public LogFormat Log { get; init; } = LogFormat.Human;

    /// <summary>
    /// What a command line asks for that could not be understood: just whether its error is to be JSON, how
    /// much detail it wants, and in which form its log is.
    /// </summary>
    public static OutputSettings Guess(IEnumerable<string> args)
    {
        var options = args.TakeWhile(argument => argument is not "--").ToList();
        var verbosity = options.Count(argument => argument is "-v" or "--verbose");
        return new OutputSettings(options.Contains("--json"), ProgressStyle.None, Quiet: false, verbosity)
        {
            Log = LogFormats.Guess(options),
        };
    }
}
