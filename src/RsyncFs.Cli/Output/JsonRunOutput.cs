using RsyncFs.Blocks;
using RsyncFs.Cli.Json;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Output;

/// <summary>A run as events. The first time a phase is seen makes a <c>phase</c> event; progress at most one a second.</summary>
internal sealed class JsonRunOutput : IRunOutput
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly OutputSettings _settings;
    private readonly RunTitle _title;
    private readonly JsonLines _lines;
    private readonly PhaseClock _phases;
    private readonly PresentProgress _present;
    private readonly IDisposable _status;
    private readonly HashSet<string> _seenPhases = new(StringComparer.Ordinal);
    private readonly string? _dest;
    private TimeSpan _nextProgressAt;
    private Compression? _compression;

    /// <summary>Speaks on <paramref name="terminal"/>.</summary>
    public JsonRunOutput(Terminal terminal, OutputSettings settings, RunTitle title)
    {
        (_settings, _title) = (settings, title);
        _dest = title.Job is null ? null : title.Destination;
        _lines = new JsonLines(terminal, title.Job);
        _phases = new PhaseClock(terminal.Clock);
        _present = new PresentProgress(terminal.Clock);
        _status = terminal.Status.Add(TellStatus);
    }

    /// <inheritdoc/>
    public void Start(bool isDryRun) =>
        _lines.Write(
            new RunStartEvent
            {
                Device = _title.Source,
                Dest = _title.Destination,
                DryRun = isDryRun,
            }
        );

    /// <inheritdoc/>
    public void Report(CycleProgress value)
    {
        _present.Note(value);
        lock (_gate)
        {
            _phases.Enter(value.Phase);
            if (_seenPhases.Add(value.Phase))
            {
                _lines.Write(
                    new PhaseEvent
                    {
                        Dest = _dest,
                        Phase = value.Phase,
                        Seconds = _phases.SinceStart.TotalSeconds,
                    }
                );
            }

            if (value.Compression is { } choice && choice.Used != _compression)
            {
                _compression = choice.Used;
                _lines.Write(
                    new CompressionEvent
                    {
                        Dest = _title.Destination,
                        Chosen = choice.Used.ToString(),
                        Reason = choice.Reason,
                    }
                );
            }

            var isWanted = _settings.Progress != ProgressStyle.None && !_settings.Quiet;
            if (isWanted && _phases.SinceStart >= _nextProgressAt)
            {
                _nextProgressAt = _phases.SinceStart + Interval;
                var rate = ProgressRate.Of(value, _phases.SincePhase);
                _lines.Write(ProgressEvent.Of(value, rate) with { Dest = _dest });
            }
        }
    }

    /// <inheritdoc/>
    public void Warn(string message) => _lines.Write(new WarningEvent { Dest = _dest, Message = message });

    /// <inheritdoc/>
    public void Hear(string hook, string line, bool isError) =>
        _lines.Write(
            new HookEvent
            {
                Dest = _dest,
                Hook = hook,
                Line = line,
                IsError = isError,
            }
        );

    /// <inheritdoc/>
    public void Fail(RsyncFsException error, ExitCode code) =>
        _lines.Write(ErrorEvent.Of(error, code) with { Dest = _title.Destination });

    /// <inheritdoc/>
    public void Finish(CycleReport report)
    {
        _lines.Write(SummaryEvent.Of(report, _title.Destination));
        if (_title.Job is null)
        {
            _lines.Write(new ExitEvent { Code = (int)ExitCode.Ok });
        }
    }

    /// <summary>Says what a comparison found; if it found differences, the error that follows ends the events.</summary>
    public void Finish(VerifyReport report)
    {
        foreach (var extent in report.FirstDifferences)
        {
            _lines.Write(
                new VerifyMismatchEvent { Offset = extent.OffsetBytes, Length = extent.LengthBytes }
            );
        }

        _lines.Write(VerifySummaryEvent.Of(report, _title.Destination));
        if (report.DifferingBlocks == 0)
        {
            _lines.Write(new ExitEvent { Code = (int)ExitCode.Ok });
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _status.Dispose();

    /// <summary>One event more, whatever else was asked for; none before there is anything to say.</summary>
    private void TellStatus()
    {
        if (_present.Now is var (progress, rate))
        {
            _lines.Write(ProgressEvent.Of(progress, rate) with { Dest = _dest });
        }
    }
}
