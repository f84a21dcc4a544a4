using System.CommandLine;
using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Commands;

/// <summary>The options of every verb that opens a connection or keeps state.</summary>
internal sealed class CommonOptions
{
    private readonly Option<string?> _state = new("--state")
    {
        Description =
            "Where this end keeps its state. Default: /var/lib/rsyncfs for root, else ~/.local/state/rsyncfs.",
        HelpName = "DIR",
    };

    private readonly Option<bool> _allowPlaintext = Flag.Of(
        "--allow-plaintext",
        "Allow an unencrypted connection to or from another machine. Both sides must say it."
    );

    /// <summary>True if unencrypted connections to other machines are allowed.</summary>
    public bool AllowsPlaintext(ParseResult parsed) => parsed.GetValue(_allowPlaintext);

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_state);
        command.Options.Add(_allowPlaintext);
    }

    /// <summary>The state directory.</summary>
    /// <exception cref="Errors.RsyncFsException">It is empty, or there is no default.</exception>
    public string BindStateDirectory(ParseResult parsed)
    {
        var typed = parsed.GetValue(_state);
        if (typed is { Length: 0 })
        {
            throw UsageError.Of("--state is empty", "say where: --state DIR");
        }

        return Path.GetFullPath(
            typed
                ?? Arguments.StateDirectory.Default(
                    Environment.IsPrivilegedProcess,
                    Environment.GetEnvironmentVariable("XDG_STATE_HOME"),
                    Environment.GetEnvironmentVariable("HOME")
                )
        );
    }
}
