namespace RsyncFs.Cli.Output;

/// <summary>What is allowed and still worth a word: on standard error, and not where only errors are wanted.</summary>
internal static class Warnings
{
    /// <summary>Warns of a receiver that waits for other machines and will refuse them all.</summary>
    public static void OfRefusingOthers(
        bool isLoopback,
        bool hasKey,
        bool isPlaintextAllowed,
        OutputSettings settings,
        Terminal terminal
    )
    {
        if (!isLoopback && !hasKey && !isPlaintextAllowed && !settings.Quiet)
        {
            terminal.Error.WriteLine(
                "rsyncfs: warning: this receiver has no key (rsyncfs key gen): every sender on another machine is refused"
            );
        }
    }

    /// <summary>Warns of connections that anybody on the way can read and change (C16).</summary>
    public static void OfPlaintext(bool isAllowed, OutputSettings settings, Terminal terminal)
    {
        if (isAllowed && !settings.Quiet)
        {
            terminal.Error.WriteLine(
                "rsyncfs: warning: --allow-plaintext: whoever is on the line can read and change the data; use a line that is protected otherwise (WireGuard, ssh -L)"
            );
        }
    }
}
