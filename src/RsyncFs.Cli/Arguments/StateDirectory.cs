namespace RsyncFs.Cli.Arguments;

/// <summary>Where state is kept if <c>--state</c> does not say.</summary>
internal static class StateDirectory
{
    /// <summary>The place for root.</summary>
    public const string ForRoot = "/var/lib/rsyncfs";

    /// <summary>
    /// For root <see cref="ForRoot"/>; for others <c>$XDG_STATE_HOME/rsyncfs</c>, or <c>~/.local/state/rsyncfs</c>
    /// where that is not set or not absolute (XDG Base Directory Specification 0.8).
    /// </summary>
    /// <exception cref="Errors.RsyncFsException">Not root, and neither variable names a directory.</exception>
    public static string Default(bool isRoot, string? xdgStateHome, string? home)
    {
        if (isRoot)
        {
            return ForRoot;
        }

        if (!string.IsNullOrEmpty(xdgStateHome) && Path.IsPathRooted(xdgStateHome))
        {
            return Path.Combine(xdgStateHome, "rsyncfs");
        }

        return string.IsNullOrEmpty(home)
            ? throw UsageError.Of("no place to keep state: HOME is not set", "say where: --state DIR")
            : Path.Combine(home, ".local", "state", "rsyncfs");
    }
}
