using RsyncFs.Blocks;
using RsyncFs.Cli.Json;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Output;

/// <summary>A run as events. The first time a phase is seen makes a <c>phase</c> event; progress at most one a second.</summary>
internal sealed class JsonRunOutput(Terminal terminal, OutputSettings settings, RunTitle title) : IRunOutput
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly JsonLines _lines = new(terminal, title.Job);
    private readonly PhaseClock _phases = new(terminal.Clock);
    private readonly HashSet<string> _seenPhases = new(StringComparer.Ordinal);
    private readonly string? _dest = title.Job is null ? null : title.Destination;
    private TimeSpan _nextProgressAt;
    private Compression? _compression;

    /// <inheritdoc/>
    public void Start(bool isDryRun) =>
        _lines.Write(
            new RunStartEvent
            {
                Device = title.Source,
                Dest = title.Destination,
                DryRun = isDryRun,
            }
        );

    /// <inheritdoc/>
    public void Report(CycleProgress value)
    {
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
                        Dest = title.Destination,
                        Chosen = choice.Used.ToString(),
                        Reason = choice.Reason,
                    }
                );
            }

            var isWanted = settings.Progress != ProgressStyle.None && !settings.Quiet;
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
        _lines.Write(ErrorEvent.Of(error, code) with { Dest = title.Destination });

    /// <inheritdoc/>
    public void Finish(CycleReport report)
    {
        _lines.Write(SummaryEvent.Of(report, title.Destination));
        if (title.Job is null)
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

        _lines.Write(VerifySummaryEvent.Of(report, title.Destination));
        if (report.DifferingBlocks == 0)
        {
            _lines.Write(new ExitEvent { Code = (int)ExitCode.Ok });
        }
    }

    /// <summary>Nothing is open.</summary>
    public void Dispose() { }
}
