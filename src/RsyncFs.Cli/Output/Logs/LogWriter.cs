using System.Globalization;

namespace RsyncFs.Cli.Output.Logs;

/// <summary>Says on standard error what happens, in the form that was asked for, each line whole.</summary>
/// <param name="terminal">Where to.</param>
/// <param name="settings">The form; and whether only errors are wanted.</param>
internal sealed class LogWriter(Terminal terminal, OutputSettings settings)
{
    /// <summary>True if people read it.</summary>
    public bool IsHuman => settings.Log == LogFormat.Human;

    /// <summary>Says it; nothing but errors where only they are wanted.</summary>
    public void Write(LogLine line)
    {
        if (line.Level == LogLevel.Error || !settings.Quiet)
        {
            WriteAsked(line);
        }
    }

    /// <summary>Says what somebody has just asked for.</summary>
    public void WriteAsked(LogLine line)
    {
        lock (terminal.Gate)
        {
            terminal.Error.Write(Print(line) + "\n");
        }
    }

    private string Print(LogLine line) =>
        settings.Log switch
        {
            LogFormat.Logfmt => LogPrinter.Logfmt([
                new LogField("ts", Now()),
                new LogField("level", Word(line.Level)),
                .. All(line),
            ]),
            LogFormat.Json => LogPrinter.Json([
                LogField.Of("v", 1),
                new LogField("type", "log"),
                new LogField("ts", Now()),
                new LogField("level", Word(line.Level)),
                .. All(line),
            ]),
            LogFormat.Systemd => $"<{(int)line.Level}>{LogPrinter.Logfmt(All(line))}",
            _ => line.Human,
        };

    private IEnumerable<LogField> All(LogLine line) =>
        [
            .. line.About,
            new LogField("run", terminal.RunId),
            new LogField("event", line.Event),
            .. line.Fields.Where(field => !IsLast(field)),
            new LogField("msg", line.Message),
            .. line.Fields.Where(IsLast),
        ];

    // What to do comes behind what happened.
    private static bool IsLast(LogField field) => field.Key is "hint";

    private string Now() =>
        terminal
            .Clock.GetUtcNow()
            .UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static string Word(LogLevel level) =>
        level switch
        {
            LogLevel.Error => "error",
            LogLevel.Warning => "warn",
            _ => "info",
        };
}
