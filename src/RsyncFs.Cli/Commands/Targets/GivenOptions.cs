using System.Text.RegularExpressions;
using RsyncFs.Cli.Engine;
using RsyncFs.Cli.Json;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Commands.Targets;

/// <summary>Where a person said that state, socket and keys are: commands to be pasted must say so, too.</summary>
/// <param name="StateDirectory">The state directory; null if none was named.</param>
/// <param name="SocketPath">The control socket; null if none was named.</param>
internal sealed partial record GivenOptions(string? StateDirectory, string? SocketPath)
{
    /// <summary>Nothing was named.</summary>
    public static GivenOptions None { get; } = new(null, null);

    /// <summary>The list of peers; null if that of the state directory is meant.</summary>
    public string? PeersPath { get; init; }

    /// <summary>The key; null if that of the state directory is meant.</summary>
    public string? KeyPath { get; init; }

    /// <summary>What a command must be told to find what this process uses.</summary>
    /// <param name="stateDirectory">The state directory.</param>
    /// <param name="keys">The key and the list of peers.</param>
    /// <param name="socketPath">The control socket; null for a process that has none.</param>
    public static GivenOptions Of(string stateDirectory, KeyFiles keys, string? socketPath)
    {
        var state = StateOption.IsDefault(stateDirectory) ? null : stateDirectory;
        var usualSocket = SocketOption.Default(stateDirectory, isStateGiven: state is not null);
        return new GivenOptions(state, Unless(usualSocket, socketPath))
        {
            PeersPath = Unless(Path.Combine(stateDirectory, KeyFiles.PeersName), keys.PeersPath),
            KeyPath = Unless(Path.Combine(stateDirectory, KeyFiles.KeyName), keys.KeyPath),
        };
    }

    /// <summary>What <paramref name="work"/> gives; the commands in the hint of its error are completed.</summary>
    public T Run<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (RsyncFsException error) when (error.Hint is not null)
        {
            throw Complete(error);
        }
    }

    /// <summary><paramref name="error"/>, the commands in its hint completed.</summary>
    public RsyncFsException Complete(RsyncFsException error) =>
        error.Hint is { } hint
            ? new RsyncFsException(error.Id, error.Message, error)
            {
                Where = error.Where,
                Cause = error.Cause,
                Hint = Complete(hint),
            }
            : error;

    /// <summary><paramref name="text"/>, with the options at the end of each command of this program in it.</summary>
    public string Complete(string text) =>
        CommandOfOurs().Replace(text, match => match.Value + OptionsOf(match));

    /// <summary><paramref name="document"/>, its commands for this machine completed.</summary>
    public ControlDocument Complete(ControlDocument document) =>
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
        var verb = match.Groups["verb"].Value;
        var group = verb.Split(' ')[0];
        // These ask no receiver of this machine.
        var isAlone = verb is "sync" or "verify" or "peer list" || group is "key";
        var isOfTargets = group is "target" or "doctor";
        return Option("--state", StateDirectory)
            + Option("--socket", isAlone ? null : SocketPath)
            + Option("--peers", isOfTargets || group is "key" ? null : PeersPath)
            + Option("--key", isOfTargets || group is "peer" ? null : KeyPath);
    }

    private static string? Unless(string usual, string? path) =>
        string.Equals(usual, path, StringComparison.Ordinal) ? null : path;

    private static string Option(string name, string? path) => path is null ? "" : $" {name} {Quoted(path)}";

    private static string Quoted(string path) =>
        NeedsNoQuotes().IsMatch(path) ? path : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    // A command ends where a sentence goes on; a comma without a blank stands between devices of a group, or rights.
    [GeneratedRegex(
        @"\brsyncfs (?<verb>target [a-z]+|serve|doctor|sync|verify|peer [a-z]+|key [a-z]+)( ([^\s;,')]|,(?=\S))+)*",
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
