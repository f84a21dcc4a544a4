using RsyncFs.Blocks;
using RsyncFs.Cli.Output.Logs;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Output;

/// <summary>
/// A run in words. Progress goes to standard error. The result goes to standard output: one line where progress is
/// lines for a log, the whole report on a terminal and with <c>-v</c>, nothing with <c>-q</c>. Where the log is for
/// programs, the result is a line of it.
/// </summary>
internal sealed class TextRunOutput : IRunOutput
{
    private readonly Terminal _terminal;
    private readonly OutputSettings _settings;
    private readonly RunTitle _title;
    private readonly ProgressStyle _style;
    private readonly ProgressBar? _bar;
    private readonly ProgressLog? _progressLog;
    private readonly LogWriter _log;
    private readonly PresentProgress _present;
    private readonly IDisposable _status;
    private string? _compression;

    /// <summary>Speaks on <paramref name="terminal"/>.</summary>
    public TextRunOutput(Terminal terminal, OutputSettings settings, RunTitle title)
    {
        _terminal = terminal;
        _settings = settings;
        _title = title;
        _log = new LogWriter(terminal, settings);
        _style = _settings.Progress switch
        {
            ProgressStyle.Auto => _terminal.IsInteractive ? ProgressStyle.Bar : ProgressStyle.Log,
            var chosen => chosen,
        };
        if (_style == ProgressStyle.Bar && !_log.IsHuman)
        {
            _style = ProgressStyle.Log;
        }

        var isTold = !_settings.Quiet;
        _bar = _style == ProgressStyle.Bar && isTold ? new ProgressBar(_terminal) : null;
        _progressLog = _style == ProgressStyle.Log && isTold ? new ProgressLog(_terminal, _log, title) : null;
        _present = new PresentProgress(terminal.Clock);
        _status = terminal.Status.Add(TellStatus);
    }

    /// <summary>Says nothing: a run that is over soon has one line, its last.</summary>
    public void Start(bool isDryRun) { }

    /// <inheritdoc/>
    public void Report(CycleProgress value)
    {
        _present.Note(value);
        _bar?.Report(value);
        _progressLog?.Report(value);
        if (_settings.Verbosity > 0 && !_settings.Quiet && value.Compression is { } choice)
        {
            Tell(choice);
        }
    }

    /// <inheritdoc/>
    public void Warn(string message)
    {
        _bar?.Wipe();
        _log.Write(
            new LogLine(LogLevel.Warning, "warning", message)
            {
                Human = $"rsyncfs: warning: {message}",
                About = _title.Fields,
            }
        );
    }

    /// <inheritdoc/>
    public void Hear(string hook, string line, bool isError)
    {
        if (!_settings.Quiet)
        {
            _bar?.Wipe();
            _log.Write(
                new LogLine(isError ? LogLevel.Warning : LogLevel.Info, "hook", line)
                {
                    Human = $"{_title}: {hook}: {line}",
                    About = _title.Fields,
                    Fields = [new LogField("hook", hook)],
                }
            );
        }
    }

    /// <inheritdoc/>
    public void Fail(RsyncFsException error, ExitCode code)
    {
        _bar?.Dispose();
        var human = ErrorPrinter.Print(error, _settings.Verbosity, _title);
        _log.Write(LogLine.Of(error, human) with { About = _title.Fields });
    }

    /// <inheritdoc/>
    public void Finish(CycleReport report)
    {
        var line = ReportPrinter.PrintLine(report, _title);
        Write(ReportPrinter.Print(report, _title), line, LogLine.Of(report, WithoutTitle(line)));
    }

    /// <inheritdoc/>
    public void Finish(VerifyReport report)
    {
        var line = ReportPrinter.PrintLine(report, _title);
        Write(ReportPrinter.Print(report, _title), line, LogLine.Of(report, WithoutTitle(line)));
    }

    /// <summary>Wipes the bar.</summary>
    public void Dispose()
    {
        _status.Dispose();
        _bar?.Dispose();
    }

    private void Tell(CompressionChoice choice)
    {
        var word = choice.Used.ToString();
        if (!string.Equals(Interlocked.Exchange(ref _compression, word), word, StringComparison.Ordinal))
        {
            _bar?.Wipe();
            var text = $"compression {word}: {choice.Reason}";
            _log.Write(
                new LogLine(LogLevel.Info, "compression", text)
                {
                    Human = $"{_title}: {text}",
                    About = _title.Fields,
                }
            );
        }
    }

    private void TellStatus()
    {
        _bar?.Wipe();
        var line = _present.Now is var (progress, rate)
            ? ProgressLog.Line(_title, progress, rate)
            : BeforeProgress();
        _log.WriteAsked(line);
    }

    // Programs have it in fields.
    private string WithoutTitle(string line) => line[$"{_title}: ".Length..];

    private LogLine BeforeProgress()
    {
        var text = $"begun {DurationText.Of(_present.SinceStart)} ago, nothing read yet";
        return new LogLine(LogLevel.Info, "progress", text)
        {
            Human = $"{_title}: {text}",
            About = _title.Fields,
        };
    }

    private void Write(string whole, string line, LogLine logged)
    {
        _bar?.Dispose();
        if (_settings.Quiet)
        {
            return;
        }

        if (!_log.IsHuman)
        {
            _log.Write(logged with { About = _title.Fields });
            return;
        }

        _terminal.Output.Write(_style == ProgressStyle.Log && _settings.Verbosity == 0 ? line + "\n" : whole);
    }
}
