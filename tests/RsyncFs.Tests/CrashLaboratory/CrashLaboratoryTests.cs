using System.Globalization;
using Xunit;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>
/// A share of the crash laboratory, another one every day. <c>RSYNCFS_LABORATORY_SEED</c> repeats one, and
/// <c>RSYNCFS_LABORATORY_SECONDS</c> gives it more time; all of it is <c>scripts/crash-laboratory</c>.
/// </summary>
public sealed class CrashLaboratoryTests(ITestOutputHelper output)
{
    private const int SecondsOfCi = 60;
    private const int SecondsOfDeveloper = 10;

    [Fact]
    public void KeepsEveryPromiseThroughCrashesAndFailures()
    {
        var run = new LaboratoryRun(Seed, [.. Stories.All.Keys]);
        run.Run(long.MaxValue, Limit, threadCount: 1, TestContext.Current.CancellationToken);
        output.WriteLine($"RSYNCFS_LABORATORY_SEED={Seed}: {LaboratoryCommand.Summary(run)}");
        Assert.True(
            run.Failed is null,
            $"{run.Violation?.Message}\nagain: scripts/crash-laboratory --case {run.Failed}"
        );
        Assert.True(run.Count.States > 0, "nothing crashed");
    }

    [Theory]
    [InlineData("commit:Crash:17:3")]
    [InlineData("disturbed:NoRoomFromHere:18446744073709551615:0")]
    public void ACaseIsNamedByWhatItPrints(string text) => Assert.Equal(text, CaseId.Parse(text).ToString());

    private static ulong Seed =>
        Environment.GetEnvironmentVariable("RSYNCFS_LABORATORY_SEED") is { } text
            ? ulong.Parse(text, CultureInfo.InvariantCulture)
            : LaboratoryCommand.SeedOfToday;

    private static TimeSpan Limit
    {
        get
        {
            var isCi = Environment.GetEnvironmentVariable("CI") is { Length: > 0 };
            return Environment.GetEnvironmentVariable("RSYNCFS_LABORATORY_SECONDS") is { } text
                ? TimeSpan.FromSeconds(int.Parse(text, CultureInfo.InvariantCulture))
                : TimeSpan.FromSeconds(isCi ? SecondsOfCi : SecondsOfDeveloper);
        }
    }
}
