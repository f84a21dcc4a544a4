using System.CommandLine;
using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Commands.Jobs;

/// <summary>The option that says where a loop and those who ask it meet.</summary>
internal sealed class LoopSocket
{
    // A directory of its own: that of a receiver is its user's, and goes with it.
    private const string ForRoot = "/run/rsyncfs-loop/loop.sock";
    private const string FileName = "loop.sock";

    private readonly Option<string?> _socket = new("--socket")
    {
        Description =
            $"The control socket of the loop. Default: {FileName} in the state directory that --state or the configuration names, else {ForRoot} for root, else {FileName} in the state directory.",
        HelpName = "PATH",
    };

    /// <summary>True if it is on the line.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_socket) is not null;

    /// <summary>Adds the option to <paramref name="command"/>.</summary>
    public void AddTo(Command command) => command.Options.Add(_socket);

    /// <summary>The socket's path.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="stateDirectory">The state directory.</param>
    /// <exception cref="Errors.RsyncFsException">It is empty.</exception>
    public string Bind(ParseResult parsed, string stateDirectory)
    {
        var typed = parsed.GetValue(_socket);
        return typed is { Length: 0 } ? throw UsageError.Of("--socket is empty", "say where: --socket PATH")
            : typed is not null ? Path.GetFullPath(typed)
            : Environment.IsPrivilegedProcess && StateOption.IsDefault(stateDirectory) ? ForRoot
            : Path.Combine(stateDirectory, FileName);
    }
}
