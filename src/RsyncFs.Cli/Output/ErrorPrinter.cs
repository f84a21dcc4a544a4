using RsyncFs.Errors;

namespace RsyncFs.Cli.Output;

/// <summary>An error as text: what, the stable id in brackets, and below it where, cause and hint.</summary>
internal static class ErrorPrinter
{
    /// <summary>Lines of the longest error, a stack trace apart.</summary>
    public const int MaxLines = 6;

    private const int DetailedVerbosity = 2;

    /// <summary>
    /// The text, a line feed at its end. At most six lines; of a cause that is longer, its first lines. A stack
    /// trace follows for a defect of ours, or with <c>-vv</c>.
    /// </summary>
    /// <param name="error">What happened.</param>
    /// <param name="verbosity">How often <c>-v</c> was given.</param>
    /// <param name="title">What it happened to, in front; null where there is one thing only.</param>
    public static string Print(RsyncFsException error, int verbosity, RunTitle? title = null)
    {
        var message = Lines(error.Message);
        var hint = Lines(error.Hint).Take(1).ToList();
        var where = Lines(error.Where).Take(1).ToList();
        var room = MaxLines - 1 - where.Count - hint.Count;
        List<string> lines =
        [
            $"rsyncfs: error: {(title is null ? "" : $"{title}: ")}{string.Join(' ', message)} [{ErrorCatalogue.Kebab(error.Id)}]",
            .. Labelled("where", where),
            .. Labelled("cause", Lines(error.Cause).Take(room)),
            .. Labelled("hint", hint),
        ];
        if (error.Id == ErrorId.Bug || verbosity >= DetailedVerbosity)
        {
            lines.Add(error.ToString());
        }

        return string.Join('\n', lines) + "\n";
    }

    private static IEnumerable<string> Labelled(string label, IEnumerable<string> lines) =>
        lines.Select((line, index) => $"  {(index == 0 ? label : ""), -6} {line}");

    private static string[] Lines(string? text) =>
        (text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
