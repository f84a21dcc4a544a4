using RsyncFs.Cli.Output.Logs;

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
        if (!isLoopback && !hasKey && !isPlaintextAllowed)
        {
            Say(
                terminal,
                settings,
                "this receiver has no key (rsyncfs key gen): every sender on another machine is refused"
            );
        }
    }

    /// <summary>Warns of connections that anybody on the way can read and change (C16).</summary>
    public static void OfPlaintext(bool isAllowed, OutputSettings settings, Terminal terminal)
    {
        if (isAllowed)
        {
            Say(
                terminal,
                settings,
                "--allow-plaintext: whoever is on the line can read and change the data; use a line that is protected otherwise (WireGuard, ssh -L)"
            );
        }
    }

    private static void Say(Terminal terminal, OutputSettings settings, string message) =>
        new LogWriter(terminal, settings).Write(
            new LogLine(LogLevel.Warning, "warning", message) { Human = $"rsyncfs: warning: {message}" }
        );
}
