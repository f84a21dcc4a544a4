using System.Globalization;
using RsyncFs.Errors;

namespace RsyncFs.Linux.Lvm;

/// <summary>Looks how full a classic snapshot is while it is in use, and tells once that it is nearly full.</summary>
internal sealed class FillWatch : IDisposable
{
    // With a few percent left it is too late to give it more room.
    private const double NearlyFullPercent = 75;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly LogicalVolume _snapshot;
    private readonly Action<string, double> _fillsUp;
    private readonly ITimer _timer;
    private volatile bool _isOver;

    /// <summary>Begins to look at <paramref name="snapshot"/>, a classic one.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="clock">Tells time.</param>
    /// <param name="fillsUp">See <see cref="SnapshotNotices.FillsUp"/>.</param>
    public FillWatch(LogicalVolume snapshot, TimeProvider clock, Action<string, double> fillsUp)
    {
        _snapshot = snapshot;
        _fillsUp = fillsUp;
        // Once, and then again when it is done: dmsetup may have to wait.
        _timer = clock.CreateTimer(_ => Look(), state: null, Interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// How full, in percent, by the status of a snapshot target (Documentation/admin-guide/device-mapper/snapshot.rst):
    /// <c>START LENGTH snapshot ALLOCATED/TOTAL METADATA</c>. Null of one that ran full, which says so in a word.
    /// </summary>
    internal static double? PercentOf(string status)
    {
        const int UseField = 3;
        string[] use = status.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            is { Length: > UseField } fields
            ? fields[UseField].Split('/')
            : [];
        return
            use is [var allocated, var total]
            && long.TryParse(allocated, NumberStyles.None, CultureInfo.InvariantCulture, out var used)
            && long.TryParse(total, NumberStyles.None, CultureInfo.InvariantCulture, out var all)
            && all > 0
            ? 100.0 * used / all
            : null;
    }

    /// <summary>What can not be asked now is asked again; that it ran full is said by whoever reads it.</summary>
    private void Look()
    {
        try
        {
            var (exitCode, output, _) = LvmTool.Start(
                ErrorId.SnapshotCreate,
                "dmsetup",
                "status",
                "-u",
                _snapshot.MappedUuid("")
            );
            if (exitCode == 0 && PercentOf(output) is { } percent && percent >= NearlyFullPercent)
            {
                if (!_isOver)
                {
                    _fillsUp(_snapshot.FullName, percent);
                }

                return;
            }
        }
        catch (RsyncFsException)
        {
            // dmsetup is missing, or waits for something: no reason to end a run.
        }

        if (!_isOver)
        {
            _timer.Change(Interval, Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isOver = true;
        _timer.Dispose();
    }
}
