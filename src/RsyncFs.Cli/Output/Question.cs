namespace RsyncFs.Cli.Output;

/// <summary>Asks a person.</summary>
internal static class Question
{
    /// <summary>True if the answer is yes; anything else, and silence, is no.</summary>
    /// <exception cref="OperationCanceledException">The person ended the program instead.</exception>
    public static async Task<bool> AskAsync(
        Terminal terminal,
        string question,
        CancellationToken cancellationToken
    )
    {
        await terminal.Error.WriteAsync($"{question} [y/N] ");
        await terminal.Error.FlushAsync(cancellationToken);

        // A terminal can not be read with a token: the reading is left behind, and ends with the process.
        var answer = await Task.Run(() => terminal.Input?.ReadLine(), cancellationToken)
            .WaitAsync(cancellationToken);
        return answer?.Trim() is "y" or "Y" or "yes";
    }
}
