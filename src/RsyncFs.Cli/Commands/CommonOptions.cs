using System.CommandLine;
using RsyncFs.Cli.Engine;

namespace RsyncFs.Cli.Commands;

/// <summary>The options of every verb that opens a connection and keeps state.</summary>
internal sealed class CommonOptions
{
    private readonly StateOption _state = new();
    private readonly KeyOptions _keys = new();

    private readonly Option<bool> _allowPlaintext = Flag.Of(
        "--allow-plaintext",
        "Allow an unencrypted connection to or from another machine, and without keys. Both sides must say it; a receiver with a key, for senders of its own machine, too."
    );

    /// <summary>True if unencrypted connections to other machines are allowed.</summary>
    public bool AllowsPlaintext(ParseResult parsed) => parsed.GetValue(_allowPlaintext);

    /// <summary>True if the state directory was named.</summary>
    public bool IsStateGiven(ParseResult parsed) => _state.IsGiven(parsed);

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public void AddTo(Command command)
    {
        _state.AddTo(command);
        _keys.AddTo(command);
        command.Options.Add(_allowPlaintext);
    }

    /// <summary>Where this machine's key is, and whom it knows.</summary>
    /// <exception cref="Errors.RsyncFsException">A path is empty, or there is no default.</exception>
    public KeyFiles BindKeys(ParseResult parsed) => _keys.Bind(parsed, BindStateDirectory(parsed));

    /// <summary>The state directory.</summary>
    /// <exception cref="Errors.RsyncFsException">It is empty, or there is no default.</exception>
    public string BindStateDirectory(ParseResult parsed) => _state.Bind(parsed);
}
