using System.Globalization;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Output.Logs;

namespace RsyncFs.Cli.Output;

/// <summary>
/// Progress for a log that somebody reads later: nothing in the first minute, then at most one line a minute, and
/// only when 10 % more are done. A line that says what was begun precedes the first.
/// </summary>
internal sealed class ProgressLog(Terminal terminal, LogWriter log, RunTitle title) : IProgress<CycleProgress>
{
    private const int StepPercent = 10;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly PhaseClock _phases = new(terminal.Clock);
    private TimeSpan _nextLineAt = Interval;
    private string _phase = "";
    private int _nextPercent;
    private bool _isStarted;

    /// <summary>Writes a line if one is due.</summary>
    public void Report(CycleProgress value)
    {
        lock (_gate)
        {
            _phases.Enter(value.Phase);
            if (!string.Equals(_phase, value.Phase, StringComparison.Ordinal))
            {
                (_phase, _nextPercent) = (value.Phase, 0);
            }

            var percent = PercentOf(value);
            if (_phases.SinceStart < _nextLineAt || percent < _nextPercent)
            {
                return;
            }

            _nextLineAt = _phases.SinceStart + Interval;
            _nextPercent = ((percent / StepPercent) + 1) * StepPercent;
            if (!_isStarted)
            {
                _isStarted = true;
                var begun = $"start {new ByteSize(value.TotalBytes)} run={terminal.RunId}";
                log.Write(
                    new LogLine(LogLevel.Info, "start", "start")
                    {
                        Human = $"{title}: {begun}",
                        About = title.Fields,
                        Fields = [LogField.Of("total", value.TotalBytes)],
                    }
                );
            }

            log.Write(Line(title, value, ProgressRate.Of(value, _phases.SincePhase)));
        }
    }

    /// <summary>Where a run is, in one line.</summary>
    public static LogLine Line(RunTitle title, CycleProgress progress, ProgressRate rate)
    {
        var text = Text(progress, PercentOf(progress), rate);
        return LogLine.Of(progress, rate, text) with { Human = $"{title}: {text}", About = title.Fields };
    }

    private static int PercentOf(CycleProgress progress) =>
        (int)(100.0 * progress.DoneBytes / Math.Max(1, progress.TotalBytes));

    private static string Text(CycleProgress progress, int percent, ProgressRate rate)
    {
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{progress.Phase} {percent}% done {new ByteSize(progress.DoneBytes)} changed {new ByteSize(progress.ChangedBytes)}"
                + $" sent {new ByteSize(progress.SentBytes)} {new ByteSize((long)rate.BytesPerSecond)}/s"
        );
        return rate.Remaining is { } remaining ? $"{line} eta {DurationText.Of(remaining)}" : line;
    }
}
