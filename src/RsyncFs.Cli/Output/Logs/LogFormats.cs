using RsyncFs.Cli.Arguments;
using RsyncFs.Errors;
using RsyncFs.Linux.Systemd;

namespace RsyncFs.Cli.Output.Logs;

/// <summary>The words for <see cref="LogFormat"/>, and what <c>auto</c> comes to.</summary>
internal static class LogFormats
{
    /// <summary>The option.</summary>
    public const string Option = "--log-format";

    /// <summary>The words; null is <c>auto</c>.</summary>
    public static Choice<LogFormat?> Words { get; } =
        new(
            Option,
            ("auto", null),
            ("human", LogFormat.Human),
            ("logfmt", LogFormat.Logfmt),
            ("json", LogFormat.Json),
            ("systemd", LogFormat.Systemd)
        );

    /// <summary>The form of a word; null: nobody said one.</summary>
    /// <exception cref="RsyncFsException">It is no form.</exception>
    public static LogFormat Of(string? word) =>
        (word is null ? null : Words.Parse(word))
        ?? (JournalStream.IsStandardError() ? LogFormat.Systemd : LogFormat.Human);

    /// <summary>The form that a command line asks for which could not be understood, as far as that can be told.</summary>
    public static LogFormat Guess(IReadOnlyList<string> options)
    {
        var word = options
            .LastOrDefault(option => option.StartsWith($"{Option}=", StringComparison.Ordinal))
            ?[(Option.Length + 1)..];
        for (var index = 0; index + 1 < options.Count; index++)
        {
            word = options[index] is Option ? options[index + 1] : word;
        }

        try
        {
            return Of(word);
        }
        catch (RsyncFsException)
        {
            return Of(word: null);
        }
    }
}
