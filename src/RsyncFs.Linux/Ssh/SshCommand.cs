using System.Globalization;

namespace RsyncFs.Linux.Ssh;

/// <summary>A call of ssh(1) that runs a command on another machine.</summary>
/// <param name="Program">How ssh is called here: the program, and arguments of its own.</param>
/// <param name="User">Who to be there; null to leave it to ssh.</param>
/// <param name="Host">Where.</param>
/// <param name="Port">Its port; null to leave it to ssh.</param>
/// <param name="Command">What the shell there is to run, unless the key there has a command of its own.</param>
public sealed record SshCommand(
    IReadOnlyList<string> Program,
    string? User,
    string Host,
    int? Port,
    string Command
)
{
    /// <summary>
    /// What stands behind the program's name: no terminal; never the one connection that others go over, since it is
    /// ended with this session; and behind the two dashes nothing is an option, whatever it looks like.
    /// </summary>
    public IReadOnlyList<string> Arguments =>
        [.. Program.Skip(1), "-T", "-o", "ControlMaster=no", .. Login, "--", Host, Command];

    /// <summary>How a person would log in the same way.</summary>
    public string ByHand => string.Join(' ', [.. Program, .. Login, Host]);

    private IEnumerable<string> Login =>
        [
            .. Port is { } port ? ["-p", port.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(),
            .. User is { } user ? ["-l", user] : Array.Empty<string>(),
        ];
}
