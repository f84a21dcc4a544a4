using System.Globalization;
using System.Text;
using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Output;

/// <summary>One line at the bottom of a terminal, drawn again at most ten times a second and wiped at the end.</summary>
internal sealed class ProgressBar(Terminal terminal) : IProgress<CycleProgress>, IDisposable
{
    private const int BarColumns = 30;
    private const string WipeLine = "\r\e[K";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly PhaseClock _phases = new(terminal.Clock);
    private TimeSpan _nextDrawAt;
    private bool _isDrawn;
    private bool _isOver;

    /// <summary>Draws the line, unless it was drawn just now.</summary>
    public void Report(CycleProgress value)
    {
        lock (_gate)
        {
            _phases.Enter(value.Phase);
            if (_isOver || _phases.SinceStart < _nextDrawAt)
            {
                return;
            }

            _nextDrawAt = _phases.SinceStart + Interval;
            var text = Text(value, ProgressRate.Of(value, _phases.SincePhase));
            terminal.Error.Write(WipeLine + Cut(text, terminal.WidthColumns - 1));
            _isDrawn = true;
        }
    }

    /// <summary>Wipes the line; later reports draw nothing.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            Wipe();
        }
    }

    /// <summary>Wipes the line, so that another can be written; the next report draws it again.</summary>
    public void Wipe()
    {
        lock (_gate)
        {
            if (_isDrawn)
            {
                terminal.Error.Write(WipeLine);
                _isDrawn = false;
            }
        }
    }

    private static string Text(CycleProgress progress, ProgressRate rate)
    {
        var part = Math.Clamp((double)progress.DoneBytes / Math.Max(1, progress.TotalBytes), 0, 1);
        var filled = (int)(part * BarColumns);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"  {progress.Phase, -8} ");
        text.Append('━', filled)
            .Append(filled < BarColumns ? "╸" : "")
            .Append(' ', Math.Max(0, BarColumns - filled - 1));
        text.Append(CultureInfo.InvariantCulture, $" {Math.Floor(100 * part), 3}%");
        if (rate.BytesPerSecond > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {new ByteSize((long)rate.BytesPerSecond)}/s");
        }

        if (rate.Remaining is { } remaining)
        {
            text.Append(CultureInfo.InvariantCulture, $"  ETA {DurationText.Of(remaining)}");
        }

        text.Append(CultureInfo.InvariantCulture, $"  changed {new ByteSize(progress.ChangedBytes)}");
        text.Append(CultureInfo.InvariantCulture, $"  sent {new ByteSize(progress.SentBytes)}");
        return text.ToString();
    }

    private static string Cut(string text, int columns) =>
        text.Length <= columns ? text : text[..Math.Max(0, columns)];
}
