namespace RsyncFs.Cli.Arguments;

/// <summary>How a receiver is reached through ssh.</summary>
/// <param name="Program">How ssh is called here: the program, and arguments of its own.</param>
/// <param name="RemoteProgram">How rsyncfs is called there; the shell there reads it.</param>
internal sealed record SshSettings(IReadOnlyList<string> Program, string RemoteProgram)
{
    /// <summary>As they are called in the path.</summary>
    public static SshSettings Default { get; } = new(["ssh"], "rsyncfs");
}
