using RsyncFs.Blocks;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Output;

/// <summary>
/// A run in words. Progress goes to standard error. The result goes to standard output: one line where progress is
/// lines for a log, the whole report on a terminal and with <c>-v</c>, nothing with <c>-q</c>.
/// </summary>
internal sealed class TextRunOutput : IRunOutput
{
    private readonly Terminal _terminal;
    private readonly OutputSettings _settings;
    private readonly RunTitle _title;
    private readonly ProgressStyle _style;
    private readonly ProgressBar? _bar;
    private readonly ProgressLog? _log;
    private string? _compression;

    /// <summary>Speaks on <paramref name="terminal"/>.</summary>
    public TextRunOutput(Terminal terminal, OutputSettings settings, RunTitle title)
    {
        _terminal = terminal;
        _settings = settings;
        _title = title;
        _style = _settings.Progress switch
        {
            ProgressStyle.Auto => _terminal.IsInteractive ? ProgressStyle.Bar : ProgressStyle.Log,
            var chosen => chosen,
        };
        _bar = _style == ProgressStyle.Bar && !_settings.Quiet ? new ProgressBar(_terminal) : null;
        _log = _style == ProgressStyle.Log && !_settings.Quiet ? new ProgressLog(_terminal, _title) : null;
    }

    /// <summary>Says nothing: a run that is over soon has one line, its last.</summary>
    public void Start(bool isDryRun) { }

    /// <inheritdoc/>
    public void Report(CycleProgress value)
    {
        _bar?.Report(value);
        _log?.Report(value);
        if (_settings.Verbosity > 0 && !_settings.Quiet && value.Compression is { } choice)
        {
            Tell(choice);
        }
    }

    /// <inheritdoc/>
    public void Warn(string message)
    {
        _bar?.Wipe();
        if (!_settings.Quiet)
        {
            _terminal.Error.WriteLine($"rsyncfs: warning: {message}");
        }
    }

    /// <inheritdoc/>
    public void Hear(string hook, string line, bool isError)
    {
        if (!_settings.Quiet)
        {
            _bar?.Wipe();
            _terminal.Error.WriteLine($"{_title}: {hook}: {line}");
        }
    }

    /// <inheritdoc/>
    public void Fail(RsyncFsException error, ExitCode code)
    {
        _bar?.Dispose();
        _terminal.Error.Write(ErrorPrinter.Print(error, _settings.Verbosity, _title));
    }

    /// <inheritdoc/>
    public void Finish(CycleReport report) =>
        Write(ReportPrinter.Print(report, _title), ReportPrinter.PrintLine(report, _title));

    /// <inheritdoc/>
    public void Finish(VerifyReport report) =>
        Write(ReportPrinter.Print(report, _title), ReportPrinter.PrintLine(report, _title));

    /// <summary>Wipes the bar.</summary>
    public void Dispose() => _bar?.Dispose();

    private void Tell(CompressionChoice choice)
    {
        var word = choice.Used.ToString();
        if (!string.Equals(Interlocked.Exchange(ref _compression, word), word, StringComparison.Ordinal))
        {
            _bar?.Wipe();
            _terminal.Error.WriteLine($"{_title}: compression {word}: {choice.Reason}");
        }
    }

    private void Write(string whole, string line)
    {
        _bar?.Dispose();
        if (_settings.Quiet)
        {
            return;
        }

        _terminal.Output.Write(_style == ProgressStyle.Log && _settings.Verbosity == 0 ? line + "\n" : whole);
    }
}
