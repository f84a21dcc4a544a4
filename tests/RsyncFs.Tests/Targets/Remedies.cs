using System.Text.RegularExpressions;
using Xunit;

namespace RsyncFs.Tests.Targets;

/// <summary>The commands that a refusal's hint names.</summary>
internal static partial class Remedies
{
    private static readonly string[] Verbs =
    [
        "adopt",
        "promote",
        "demote",
        "reverse",
        "release",
        "resize",
        "rename",
    ];

    /// <summary>Every <c>rsyncfs target VERB NAME [--OPTION]</c> of <paramref name="hint"/>, from the verb on, without the name.</summary>
    public static IReadOnlyList<string> NamedIn(string? hint)
    {
        Assert.False(string.IsNullOrEmpty(hint), "a refusal names the remedy");
        var named = Command()
            .Matches(hint)
            .Select(match => (match.Groups["verb"].Value + " " + match.Groups["option"].Value).Trim())
            .ToArray();
        Assert.All(named, command => Assert.Contains(command.Split(' ')[0], Verbs));
        return named;
    }

    [GeneratedRegex(
        "rsyncfs target (?<verb>\\S+) NAME(?: (?<option>--[a-z-]+))?",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Command();
}
