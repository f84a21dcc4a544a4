using System.Globalization;
using Xunit;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>The most memory that a process had resident: VmHWM, proc_pid_status(5).</summary>
internal static class PeakMemory
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(3);

    /// <summary>Of a process that is there, up to now; null if it is not there any more.</summary>
    public static long? Read(int processId)
    {
        try
        {
            var line = File.ReadLines($"/proc/{processId}/status")
                .FirstOrDefault(status => status.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null
                ? null
                : long.Parse(
                    line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
                    CultureInfo.InvariantCulture
                ) * 1024;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Of a process, read again and again until it has ended: all but its last milliseconds.</summary>
    public static async Task<long> WatchAsync(RunningProgram program)
    {
        var peak = 0L;
        while (Read(program.Id) is { } now)
        {
            peak = Math.Max(peak, now);
            await Task.Delay(Interval, TestContext.Current.CancellationToken);
        }

        return peak;
    }
}
