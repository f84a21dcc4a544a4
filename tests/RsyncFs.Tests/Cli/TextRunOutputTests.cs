using RsyncFs.Cli.Output;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class TextRunOutputTests
{
    private const long GiB = 1L << 30;
    private const long MiB = 1L << 20;

    [Fact]
    public void ARunOfLessThanAMinuteIsOneLineInALog()
    {
        var fake = new FakeTerminal();
        using var output = Open(fake);
        output.Start(isDryRun: false);
        for (var second = 0; second < 59; second++)
        {
            output.Report(new CycleProgress("scan", second * GiB, 59 * GiB, 0, 0));
            fake.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        output.Finish(Reports.Changed);
        Assert.Empty(fake.Error);
        Assert.Equal(ReportPrinter.PrintLine(Reports.Changed, Reports.Title) + "\n", fake.Output);
    }

    [Fact]
    public void ALongRunHasALineForEachTenPercentAndAtMostOneAMinute()
    {
        var fake = new FakeTerminal();
        using var output = Open(fake);
        for (var minute = 0; minute <= 100; minute++)
        {
            output.Report(new CycleProgress("scan", minute * GiB / 2, 50 * GiB, 96 * MiB, 31 * MiB));
            fake.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        var lines = fake.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal($"{Reports.Title}: start 50.0 GiB run=7f3a91c2", lines[0]);
        Assert.Equal(
            $"{Reports.Title}: scan 1% done 512.0 MiB changed 96.0 MiB sent 31.0 MiB 8.5 MiB/s eta 1h39m",
            lines[1]
        );
        Assert.Equal(1 + 1 + 10, lines.Length);
        Assert.Contains("scan 100% done 50.0 GiB", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void AFastRunOfManySizesHasAtMostOneLineAMinute()
    {
        var fake = new FakeTerminal();
        using var output = Open(fake);
        for (var second = 0; second <= 150; second++)
        {
            output.Report(new CycleProgress("scan", second * GiB, 150 * GiB, 0, 0));
            fake.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(3, fake.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void OnATerminalABarIsDrawnAndWipedAndTheWholeReportFollows()
    {
        var fake = new FakeTerminal(isInteractive: true);
        using var output = Open(fake);
        output.Report(new CycleProgress("scan", 0, 50 * GiB, 0, 0));
        fake.Clock.Advance(TimeSpan.FromSeconds(10));
        output.Report(new CycleProgress("scan", 20 * GiB, 50 * GiB, 96 * MiB, 31 * MiB));
        output.Finish(Reports.Changed);
        var draws = fake.Error.Split("\r\e[K");
        Assert.Equal("  scan     ╸                                0%  changed 0 B  sent 0 B", draws[1]);
        Assert.Equal(
            "  scan     ━━━━━━━━━━━━╸                   40%  2.0 GiB/s  ETA 15.0s  changed 96.0 MiB  sent 31.0 MiB",
            draws[2]
        );
        Assert.Equal("", draws[^1]);
        Assert.Equal(ReportPrinter.Print(Reports.Changed, Reports.Title), fake.Output);
    }

    [Fact]
    public void ABarIsDrawnAtMostTenTimesASecondAndNeverWraps()
    {
        var fake = new FakeTerminal(isInteractive: true, widthColumns: 30);
        using (var output = Open(fake))
        {
            for (var millisecond = 0; millisecond < 1000; millisecond++)
            {
                output.Report(new CycleProgress("scan", millisecond, 1000, 0, 0));
                fake.Clock.Advance(TimeSpan.FromMilliseconds(1));
            }
        }

        var draws = fake.Error.Split("\r\e[K", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(10, draws.Length);
        Assert.All(draws, draw => Assert.True(draw.Length < 30));
        Assert.EndsWith("\r\e[K", fake.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void QuietSaysNothing()
    {
        var fake = new FakeTerminal(isInteractive: true);
        using var output = RunOutput.Open(
            fake.Terminal,
            new OutputSettings(Json: false, ProgressStyle.Auto, Quiet: true, 1),
            Reports.Title
        );
        output.Report(new CycleProgress("scan", 1, 2, 0, 0));
        output.Finish(Reports.Changed);
        output.Finish(Reports.Equal);
        Assert.Empty(fake.Output + fake.Error);
    }

    [Fact]
    public void VerboseMakesTheReportWholeInALogToo()
    {
        var fake = new FakeTerminal();
        using var output = RunOutput.Open(
            fake.Terminal,
            new OutputSettings(Json: false, ProgressStyle.Log, Quiet: false, 1),
            Reports.Title
        );
        output.Finish(Reports.Differing);
        Assert.Equal(ReportPrinter.Print(Reports.Differing, Reports.Title), fake.Output);
    }

    private static IRunOutput Open(FakeTerminal fake) =>
        RunOutput.Open(
            fake.Terminal,
            new OutputSettings(Json: false, ProgressStyle.Auto, Quiet: false, 0),
            Reports.Title
        );
}
