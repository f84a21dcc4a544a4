using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Output.Logs;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Output;

/// <summary>What was told of one destination of a loop, so that the same is not told at each cycle.</summary>
/// <param name="terminal">Where it is told.</param>
/// <param name="log">How.</param>
/// <param name="title">The destination.</param>
internal sealed class DestinationLog(Terminal terminal, LogWriter log, RunTitle title)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _toldAt = new(StringComparer.Ordinal);
    private long _periodBegan = terminal.Clock.GetTimestamp();
    private int _failureCount;
    private int _cycleCount;
    private int _changeCount;
    private long _sentBytes;

    /// <summary>True if <paramref name="message"/> was not told in the last ten minutes.</summary>
    public bool IsNews(string message)
    {
        lock (_gate)
        {
            var now = terminal.Clock.GetTimestamp();
            if (
                _toldAt.TryGetValue(message, out var told)
                && terminal.Clock.GetElapsedTime(told, now) < Period
            )
            {
                return false;
            }

            foreach (
                var old in _toldAt
                    .Where(at => terminal.Clock.GetElapsedTime(at.Value, now) >= Period)
                    .ToList()
            )
            {
                _toldAt.Remove(old.Key);
            }

            _toldAt[message] = now;
            return true;
        }
    }

    /// <summary>Counts a cycle that failed; true if that is worth a word: the first, another failure than the one before, or one in ten minutes.</summary>
    public bool IsNewFailure(RsyncFsException error)
    {
        lock (_gate)
        {
            _failureCount++;
        }

        return IsNews($"{ErrorCatalogue.Kebab(error.Id)} {error.Where}");
    }

    /// <summary>Counts a cycle that did not fail, says that it works again if it did not, and now and then what it does.</summary>
    public void Succeeded(CycleReport report)
    {
        lock (_gate)
        {
            if (_failureCount > 0)
            {
                Say("recovered", $"works again after {Times(_failureCount, "failure")}");
                _failureCount = 0;
                _toldAt.Clear();
            }

            _cycleCount++;
            _changeCount += report.IsUnchanged ? 0 : 1;
            _sentBytes += report.BytesSent;
            var now = terminal.Clock.GetTimestamp();
            if (terminal.Clock.GetElapsedTime(_periodBegan, now) < Period)
            {
                return;
            }

            Say(
                "cycles",
                $"{Times(_cycleCount, "cycle")} in {DurationText.Of(terminal.Clock.GetElapsedTime(_periodBegan, now))}, {_changeCount} with changes, sent {new ByteSize(_sentBytes)}"
            );
            (_periodBegan, _cycleCount, _changeCount, _sentBytes) = (now, 0, 0, 0);
        }
    }

    private void Say(string name, string text)
    {
        log.Write(
            new LogLine(LogLevel.Info, name, text) { Human = $"{title}: {text}", About = title.Fields }
        );
    }

    private static string Times(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
