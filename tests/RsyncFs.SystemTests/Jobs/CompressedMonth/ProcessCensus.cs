using System.Globalization;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Jobs.CompressedMonth;

/// <summary>What a process has: proc_pid_status(5), proc_pid_fd(5).</summary>
/// <param name="Who">Its name here.</param>
/// <param name="Id">Its number: another one is another life.</param>
/// <param name="ResidentBytes">What it has in memory now.</param>
/// <param name="PeakBytes">The most that it had in memory.</param>
/// <param name="DescriptorCount">Open descriptors; the least of some looks.</param>
/// <param name="ThreadCount">Its threads.</param>
/// <param name="ChildCount">Processes below it.</param>
internal sealed record ProcessCensus(
    string Who,
    int Id,
    long ResidentBytes,
    long PeakBytes,
    int DescriptorCount,
    int ThreadCount,
    int ChildCount
)
{
    private const int LookCount = 20;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Counts.</summary>
    public static async Task<ProcessCensus> TakeAsync(string who, int id)
    {
        var descriptors = int.MaxValue;
        for (var look = 0; look < LookCount; look++)
        {
            // Some are open for a moment only: one reads what another asks, a timer looks at something.
            descriptors = Math.Min(descriptors, Directory.GetFiles($"/proc/{id}/fd").Length);
            await Task.Delay(LookInterval, TestContext.Current.CancellationToken);
        }

        var status = File.ReadAllLines($"/proc/{id}/status");
        return new ProcessCensus(
            who,
            id,
            Read(status, "VmRSS:") * 1024,
            Read(status, "VmHWM:") * 1024,
            descriptors,
            (int)Read(status, "Threads:"),
            OtherProcess.Below(id).Count
        );
    }

    private static long Read(string[] status, string name) =>
        long.Parse(
            status
                .Single(line => line.StartsWith(name, StringComparison.Ordinal))
                .Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture
        );
}
