using System.Globalization;
using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Output;

/// <summary>
/// Progress for a log that somebody reads later: nothing in the first minute, then at most one line a minute, and
/// only when 10 % more are done. A line that says what was begun precedes the first.
/// </summary>
internal sealed class ProgressLog(Terminal terminal, RunTitle title) : IProgress<CycleProgress>
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

            var percent = (int)(100.0 * value.DoneBytes / Math.Max(1, value.TotalBytes));
            if (_phases.SinceStart < _nextLineAt || percent < _nextPercent)
            {
                return;
            }

            _nextLineAt = _phases.SinceStart + Interval;
            _nextPercent = ((percent / StepPercent) + 1) * StepPercent;
            if (!_isStarted)
            {
                _isStarted = true;
                terminal.Error.WriteLine(
                    $"{title}: start {new ByteSize(value.TotalBytes)} run={terminal.RunId}"
                );
            }

            terminal.Error.WriteLine(
                $"{title}: {Text(value, percent, ProgressRate.Of(value, _phases.SincePhase))}"
            );
        }
    }

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
