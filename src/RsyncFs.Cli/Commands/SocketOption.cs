using System.CommandLine;
using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Commands;

/// <summary>The option that says where a receiver and the verbs of <c>target</c> meet.</summary>
internal sealed class SocketOption
{
    /// <summary>The place for root.</summary>
    public const string ForRoot = "/run/rsyncfs/control.sock";

    private const string FileName = "control.sock";

    private readonly Option<string?> _socket = new("--socket")
    {
        Description =
            $"The control socket of the receiver. Default: {FileName} in the directory that --state names, else {ForRoot} for root, else {FileName} in the state directory.",
        HelpName = "PATH",
    };

    /// <summary>Adds the option to <paramref name="command"/>.</summary>
    public void AddTo(Command command) => command.Options.Add(_socket);

    /// <summary>True if it is on the line.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_socket) is not null;

    /// <summary>The socket's path.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="stateDirectory">The state directory.</param>
    /// <param name="isStateGiven">True if that was named, and is not the default.</param>
    /// <exception cref="Errors.RsyncFsException">It is empty.</exception>
    public string Bind(ParseResult parsed, string stateDirectory, bool isStateGiven)
    {
        var typed = parsed.GetValue(_socket);
        if (typed is { Length: 0 })
        {
            throw UsageError.Of("--socket is empty", "say where: --socket PATH");
        }

        return Path.GetFullPath(typed ?? Default(stateDirectory, isStateGiven));
    }

    /// <summary>Where it is if nobody says otherwise.</summary>
    public static string Default(string stateDirectory, bool isStateGiven) =>
        Environment.IsPrivilegedProcess && !isStateGiven ? ForRoot : Path.Combine(stateDirectory, FileName);
}
