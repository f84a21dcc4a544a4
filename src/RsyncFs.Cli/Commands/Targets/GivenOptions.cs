using System.Text.RegularExpressions;
using RsyncFs.Cli.Json;

namespace RsyncFs.Cli.Commands.Targets;

/// <summary>Where a person said that state and socket are: commands to be pasted must say so, too.</summary>
/// <param name="StateDirectory">The state directory; null if none was named.</param>
/// <param name="SocketPath">The control socket; null if none was named.</param>
internal sealed partial record GivenOptions(string? StateDirectory, string? SocketPath)
{
    /// <summary><paramref name="text"/>, with the options at the end of each command of this program in it.</summary>
    public string Complete(string text) =>
        CommandOfOurs().Replace(text, match => match.Value + OptionsOf(match));

    /// <summary><paramref name="document"/>, its commands for this machine completed.</summary>
    public TargetDocument Complete(TargetDocument document) =>
        document is TargetChangeDocument change
            ? change with
            {
                Next = [.. change.Next.Select(Complete)],
            }
            : document;

    private NextCommand Complete(NextCommand next) =>
        next.On is NextCommand.Here ? next with { Command = Complete(next.Command) } : next;

    private string OptionsOf(Match match)
    {
        // These ask no receiver of this machine.
        var isAlone = match.Groups["alone"].Success;
        return Option("--state", StateDirectory) + (isAlone ? "" : Option("--socket", SocketPath));
    }

    private static string Option(string name, string? path) => path is null ? "" : $" {name} {Quoted(path)}";

    private static string Quoted(string path) =>
        NeedsNoQuotes().IsMatch(path) ? path : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    // A command ends where a sentence goes on; a comma before a slash stands between the devices of a group.
    [GeneratedRegex(
        @"\brsyncfs (target [a-z]+|serve|doctor|(?<alone>sync|verify|peer [a-z]+|key [a-z]+))( ([^\s;,')]|,(?=/))+)*",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex CommandOfOurs();

    [GeneratedRegex(
        @"^[\w/.,:@%+=-]+$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex NeedsNoQuotes();
}
