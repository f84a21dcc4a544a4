using RsyncFs.Errors;

namespace RsyncFs.Cli.Output.Logs;

/// <summary>Something that is said on standard error.</summary>
/// <param name="Level">How much it matters.</param>
/// <param name="Event">What kind of thing it is, one word: <c>commit</c>.</param>
/// <param name="Message">What happened, as a sentence without its end.</param>
internal sealed record LogLine(LogLevel Level, string Event, string Message)
{
    private readonly string? _human;

    /// <summary>What a person reads, without the line feed at its end: the message, if nothing else is said.</summary>
    public string Human
    {
        get => _human ?? Message;
        init => _human = value;
    }

    /// <summary>What it is about: stands in front of all else.</summary>
    public IReadOnlyList<LogField> About { get; init; } = [];

    /// <summary>What else is known.</summary>
    public IReadOnlyList<LogField> Fields { get; init; } = [];

    /// <summary>Of an error: where, cause and hint, each if there is one.</summary>
    public static LogLine Of(RsyncFsException error, string human)
    {
        var fields = new List<LogField>
        {
            new("id", ErrorCatalogue.Kebab(error.Id)),
            LogField.Of("exit", (int)error.ExitCode),
        };
        Add("where", error.Where);
        Add("cause", error.Cause);
        Add("hint", error.Hint);
        return new LogLine(LogLevel.Error, "error", error.Message)
        {
            Human = human.TrimEnd('\n'),
            Fields = fields,
        };

        void Add(string key, string? text)
        {
            if (text is { Length: > 0 })
            {
                fields.Add(new LogField(key, text));
            }
        }
    }

    /// <summary>What a cycle did.</summary>
    public static LogLine Of(CycleReport report, string message) =>
        new(LogLevel.Info, report.Purpose == Protocol.Purpose.Estimate ? "estimate" : "commit", message)
        {
            Fields =
            [
                new LogField("gen", GenerationText.Of(report.Generation)),
                new LogField("result", report.IsUnchanged ? "nochange" : "ok"),
                LogField.Of("scanned", report.SourceBytesRead),
                LogField.Of("changed", report.ChangedBytes),
                LogField.Of("sent", report.BytesSent),
                LogField.Of("dur", report.Duration),
            ],
        };

    /// <summary>What a comparison found.</summary>
    public static LogLine Of(VerifyReport report, string message) =>
        new(LogLevel.Info, "verify", message)
        {
            Fields =
            [
                LogField.Of("differing_blocks", report.DifferingBlocks),
                LogField.Of("scanned", report.DeviceBytes),
                LogField.Of("sent", report.BytesSent),
                LogField.Of("dur", report.Duration),
            ],
        };

    /// <summary>Where a cycle is.</summary>
    public static LogLine Of(CycleProgress progress, ProgressRate rate, string message)
    {
        var fields = new List<LogField>
        {
            new("phase", progress.Phase),
            LogField.Of("done", progress.DoneBytes),
            LogField.Of("total", progress.TotalBytes),
            LogField.Of("changed", progress.ChangedBytes),
            LogField.Of("sent", progress.SentBytes),
        };
        if (rate.Remaining is { } remaining)
        {
            fields.Add(LogField.Of("eta", remaining));
        }

        return new LogLine(LogLevel.Info, "progress", message) { Fields = fields };
    }
}
