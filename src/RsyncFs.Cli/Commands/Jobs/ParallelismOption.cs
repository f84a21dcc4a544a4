using System.CommandLine;
using System.Globalization;
using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Commands.Jobs;

/// <summary>The option that says how many jobs are at work at a time.</summary>
/// <param name="otherwise">How many if nobody says.</param>
internal sealed class ParallelismOption(int otherwise)
{
    // Each has two threads that read and hash, and some 40 MiB.
    private const int Most = 64;

    private readonly Option<string?> _jobs = new("--jobs")
    {
        Description = $"How many jobs are at work at a time. Default: {otherwise}.",
        HelpName = "NUMBER",
    };

    /// <summary>Adds the option to <paramref name="command"/>.</summary>
    public void AddTo(Command command) => command.Options.Add(_jobs);

    /// <summary>How many.</summary>
    /// <exception cref="Errors.RsyncFsException">It is not a number of jobs.</exception>
    public int Bind(ParseResult parsed) =>
        parsed.GetValue(_jobs) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        && count is > 0 and <= Most
            ? count
        : throw UsageError.Of($"--jobs {text} is not a number of jobs", $"1 to {Most}");
}
