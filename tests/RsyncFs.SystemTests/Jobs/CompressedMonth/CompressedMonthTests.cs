using System.Globalization;
using RsyncFs.Tests;
using Xunit;

namespace RsyncFs.SystemTests.Jobs.CompressedMonth;

/// <summary>
/// What a month brings, within minutes: forty jobs to three receivers, a source that is written all the time, and every
/// few seconds a cut, a restart, a reload, a promote or a full disk. Longer, with another seed:
/// <c>scripts/compressed-month</c>.
/// </summary>
public sealed class CompressedMonthTests(ITestOutputHelper output)
{
    private const double DefaultMinutes = 1.5;
    private const int LeastDayCount = 4;
    private const int TroublesOfADay = 10;

    [Fact]
    public async Task NothingLeaksNoJobIsStuckAndEveryCopyIsItsSource()
    {
        var random = TestSeed.NewRandom();
        var wanted = Environment.GetEnvironmentVariable("RSYNCFS_MONTH_MINUTES");
        var length = TimeSpan.FromMinutes(
            wanted is null ? DefaultMinutes : double.Parse(wanted, CultureInfo.InvariantCulture)
        );
        var tally = new MonthTally();
        await using var scene = new MonthScene(random);
        try
        {
            await RunAsync(scene, tally, random, length);
        }
        catch
        {
            output.WriteLine(await scene.DescribeAsync());
            output.WriteLine("the same again: scripts/compressed-month --seed SEED, with the number above");
            throw;
        }
        finally
        {
            tally.AddEvents(scene.Loop.Events());
            output.WriteLine(tally.ToString());
        }

        MonthLeaks.AssertNone(tally.Days);
        Assert.Empty(tally.DefectsFound);
    }

    private async Task RunAsync(MonthScene scene, MonthTally tally, Random random, TimeSpan length)
    {
        await scene.StartAsync();
        await using var writer = new PageWriter(scene.Jobs, new Random(random.Next()));
        var troublemaker = new Troublemaker(scene, tally, random);
        var started = TimeProvider.System.GetTimestamp();
        for (var day = 0; ; day++)
        {
            await writer.HoldAsync();
            await scene.ConvergeAsync();
            await scene.HoldAsync();
            tally.Add(await scene.CountAsync());
            scene.AssertSame();
            var passed = TimeProvider.System.GetElapsedTime(started);
            if (passed >= length && day >= LeastDayCount)
            {
                break;
            }

            await scene.GoOnAsync();
            writer.GoOn();
            // Who lives through the second half has what it leaked.
            troublemaker.MayEndProcesses = passed < length / 2 || day < LeastDayCount / 2;
            await troublemaker.RunAsync(TroublesOfADay);
            await troublemaker.MendAllAsync();
        }

        output.WriteLine($"{writer.PageCount} pages of 4 KiB were written to the sources");
        foreach (var log in await scene.StopAsync())
        {
            tally.AddLog(log);
        }

        scene.AssertSame();
    }
}
