using System.CommandLine;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Engine;

namespace RsyncFs.Cli.Commands;

/// <summary>The options that say where this machine's key is, and whom it knows.</summary>
internal sealed class KeyOptions
{
    private readonly Option<string?> _key = new("--key")
    {
        Description =
            "This machine's key, as 'rsyncfs key gen' makes it. Default: node.key in the state directory.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _peers = new("--peers")
    {
        Description =
            "The machines that this one knows, as 'rsyncfs peer add' writes them. Default: peers in the state directory.",
        HelpName = "FILE",
    };

    /// <summary>Adds both to <paramref name="command"/>.</summary>
    public void AddTo(Command command)
    {
        AddKeyTo(command);
        AddPeersTo(command);
    }

    /// <summary>Adds the key to <paramref name="command"/>.</summary>
    public void AddKeyTo(Command command) => command.Options.Add(_key);

    /// <summary>Adds the peers to <paramref name="command"/>.</summary>
    public void AddPeersTo(Command command) => command.Options.Add(_peers);

    /// <summary>True if the key is on the line.</summary>
    public bool IsKeyGiven(ParseResult parsed) => parsed.GetValue(_key) is not null;

    /// <summary>True if the peers are on the line.</summary>
    public bool ArePeersGiven(ParseResult parsed) => parsed.GetValue(_peers) is not null;

    /// <summary>Where the key is.</summary>
    /// <exception cref="Errors.RsyncFsException">The path is empty.</exception>
    public string BindKey(ParseResult parsed, string stateDirectory) =>
        PathOf(parsed, _key, Path.Combine(stateDirectory, KeyFiles.KeyName));

    /// <summary>Where the list of peers is.</summary>
    /// <exception cref="Errors.RsyncFsException">The path is empty.</exception>
    public string BindPeers(ParseResult parsed, string stateDirectory) =>
        PathOf(parsed, _peers, Path.Combine(stateDirectory, KeyFiles.PeersName));

    /// <summary>Where they are.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="stateDirectory">Where they are if nobody says otherwise.</param>
    /// <exception cref="Errors.RsyncFsException">One is empty.</exception>
    public KeyFiles Bind(ParseResult parsed, string stateDirectory) =>
        new(BindKey(parsed, stateDirectory), BindPeers(parsed, stateDirectory))
        {
            IsKeyGiven = IsKeyGiven(parsed),
        };

    private static string PathOf(ParseResult parsed, Option<string?> option, string otherwise) =>
        parsed.GetValue(option) switch
        {
            null => otherwise,
            "" => throw UsageError.Of($"{option.Name} is empty", $"say where: {option.Name} FILE"),
            var path => Path.GetFullPath(path),
        };
}
