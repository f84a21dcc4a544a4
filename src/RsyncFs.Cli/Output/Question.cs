namespace RsyncFs.Cli.Output;

/// <summary>Asks a person.</summary>
internal static class Question
{
    /// <summary>True if the answer is yes; anything else, and silence, is no.</summary>
    public static bool Ask(Terminal terminal, string question)
    {
        terminal.Error.Write($"{question} [y/N] ");
        terminal.Error.Flush();
        return terminal.Input?.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }
}
