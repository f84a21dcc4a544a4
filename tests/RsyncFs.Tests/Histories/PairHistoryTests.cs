using System.Diagnostics;
using System.Globalization;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Histories;

/// <summary>
/// Random histories of a pair: whatever fails, an acknowledged generation is not lost, nobody says success wrongly, a
/// target that says it is whole is, and in the end it becomes the source. Both ends are at work at the same time, so a
/// seed repeats the events, not every interleaving.
/// </summary>
public sealed class PairHistoryTests(ITestOutputHelper output)
{
    private const int EventCount = 14;

    private static double Seconds =>
        double.Parse(
            Environment.GetEnvironmentVariable("RSYNCFS_HISTORY_SECONDS") ?? "10",
            CultureInfo.InvariantCulture
        );

    private static ulong? Only =>
        Environment.GetEnvironmentVariable("RSYNCFS_HISTORY") is { } seed
            ? ulong.Parse(seed, CultureInfo.InvariantCulture)
            : null;

    [Fact]
    public async Task EveryHistoryKeepsThePromises()
    {
        var seeds = new Chance((ulong)TestSeed.NewRandom().NextInt64());
        var (histories, succeeded, failed) = (0, 0, 0);
        for (var clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < Seconds; histories++)
        {
            var seed = Only ?? seeds.NextNumber();
            using var history = new PairHistory(seed);
            try
            {
                await history.RunAsync(EventCount);
            }
            catch
            {
                output.WriteLine($"history {seed}:\n{string.Join('\n', history.Story)}");
                throw;
            }

            succeeded += history.Cycles.Succeeded;
            failed += history.Cycles.Failed;
        }

        output.WriteLine($"{histories} histories, {succeeded} cycles succeeded, {failed} failed");
        Assert.True(succeeded > 0 && failed > 0, "nothing happened");
    }
}
