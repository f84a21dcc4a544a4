using System.CommandLine;
using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Commands;

/// <summary>The option that says where this end keeps its state.</summary>
internal sealed class StateOption
{
    private readonly Option<string?> _state = new("--state")
    {
        Description =
            "Where this end keeps its state. Default: /var/lib/rsyncfs for root, else ~/.local/state/rsyncfs.",
        HelpName = "DIR",
    };

    /// <summary>Adds the option to <paramref name="command"/>.</summary>
    public void AddTo(Command command) => command.Options.Add(_state);

    /// <summary>True if it is on the line.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_state) is not null;

    /// <summary>The state directory.</summary>
    /// <exception cref="Errors.RsyncFsException">It is empty or a file, or there is no default.</exception>
    public string Bind(ParseResult parsed)
    {
        var typed = parsed.GetValue(_state);
        if (typed is { Length: 0 })
        {
            throw UsageError.Of("--state is empty", "say where: --state DIR");
        }

        return File.Exists(typed)
            ? throw UsageError.Of($"--state {typed} is a file", "name the directory that it is in")
            : Path.GetFullPath(typed ?? Default());
    }

    /// <summary>True if that is where this end keeps its state if nobody says otherwise.</summary>
    public static bool IsDefault(string stateDirectory)
    {
        try
        {
            return string.Equals(stateDirectory, Path.GetFullPath(Default()), StringComparison.Ordinal);
        }
        catch (Errors.RsyncFsException)
        {
            // There is no default.
            return false;
        }
    }

    private static string Default() =>
        StateDirectory.Default(
            Environment.IsPrivilegedProcess,
            Environment.GetEnvironmentVariable("XDG_STATE_HOME"),
            Environment.GetEnvironmentVariable("HOME")
        );
}
