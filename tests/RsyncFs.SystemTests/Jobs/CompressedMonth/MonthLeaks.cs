using Xunit;

namespace RsyncFs.SystemTests.Jobs.CompressedMonth;

/// <summary>Judges what was counted.</summary>
internal static class MonthLeaks
{
    private const long MiB = 1024 * 1024;

    // Less than one for each job of the loop or each target of a receiver, and far less than one for each session.
    private const int DescriptorSlack = 20;

    // A run takes 75 to 175 MiB, whatever the device (MemoryTests), and each of those at work beside it some 40.
    private const long MostPeakBytes = (175 + (40 * (MonthLoop.Parallelism - 1))) * MiB;

    // In one life of a process, at rest: what its collector has taken goes up and down by some 80 MiB. In the second
    // half of half an hour, in which nobody is ended, a receiver has some 9000 sessions and a loop some 27000 cycles:
    // 11 KiB, or 4 KiB, that are kept of each are too much. In two minutes only what is gross is seen.
    private const long MostGrowthBytes = 96 * MiB;

    /// <summary>Fails if something leaks.</summary>
    public static void AssertNone(IReadOnlyList<MonthCensus> days)
    {
        foreach (var day in days)
        {
            Assert.Empty(day.Strays);
            foreach (var (process, first) in day.Processes.Zip(days[0].Processes))
            {
                Assert.Equal(0, process.ChildCount);
                Assert.InRange(process.DescriptorCount, 1, first.DescriptorCount + DescriptorSlack);
                Assert.InRange(process.PeakBytes, 1, MostPeakBytes);
            }
        }

        foreach (
            var life in days.SelectMany(day => day.Processes).GroupBy(process => (process.Who, process.Id))
        )
        {
            Assert.InRange(
                life.Last().ResidentBytes - life.First().ResidentBytes,
                long.MinValue,
                MostGrowthBytes
            );
        }
    }
}
