using RsyncFs.Blocks;
using RsyncFs.Cli.Output;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class JsonRunOutputTests
{
    private const string Stamp = "\"ts\":\"2026-09-24T10:15:00.112Z\",\"run\":\"7f3a91c2\"";

    [Fact]
    public void ARunIsStartPhasesProgressSummaryAndExit()
    {
        var fake = new FakeTerminal();
        using (var output = Open(fake))
        {
            output.Start(isDryRun: false);
            output.Report(new CycleProgress("scan", 0, 1000, 0, 10));
            fake.Clock.Advance(TimeSpan.FromSeconds(2));
            output.Report(new CycleProgress("scan", 400, 1000, 100, 30));
            output.Report(new CycleProgress("scan", 500, 1000, 100, 30));
            output.Finish(Reports.Changed);
        }

        var lines = fake.Output.Split('\n');
        Assert.Equal(
            $$"""{"v":1,"type":"run_start",{{Stamp}},"device":"/dev/vg0/db01","dest":"rsyncfs+tcp://backup1:8730/db01","dry_run":false}""",
            lines[0]
        );
        Assert.Equal($$"""{"v":1,"type":"phase",{{Stamp}},"phase":"scan","seconds":0}""", lines[1]);
        Assert.Equal(
            $$"""{"v":1,"type":"progress",{{Stamp}},"phase":"scan","done":0,"total":1000,"changed":0,"sent":10}""",
            lines[2]
        );
        Assert.EndsWith(
            ""","phase":"scan","done":400,"total":1000,"changed":100,"sent":30,"eta_seconds":3}""",
            lines[3],
            StringComparison.Ordinal
        );
        Assert.Contains("\"type\":\"summary\"", lines[4], StringComparison.Ordinal);
        Assert.EndsWith(""","code":0}""", lines[5], StringComparison.Ordinal);
        Assert.Equal([""], lines[6..]);
        Assert.Empty(fake.Error);
    }

    [Fact]
    public void TheSummaryHasEveryNumberOfTheReport()
    {
        var fake = new FakeTerminal();
        using var output = Open(fake);
        output.Finish(Reports.Changed);
        Assert.Equal(
            $$"""
            {"v":1,"type":"summary",{{Stamp}},"dest":"rsyncfs+tcp://backup1:8730/db01","result":"ok","dry_run":false,"gen":"1f2e3d4c00004000800000000000cafe","initial":false,"resumed":false,"fuzzy":false,"plan":"compare","plan_reason":"the receiver may not trust its digest map (no evidence of what wrote the device)","apply":"journal","target_status":"consistent","size":53687091200,"block_size":65536,"scanned":53687091200,"target_read":53687091200,"target_written":184549376,"changed":184549376,"changed_blocks":2816,"literal":157286400,"stored":62914560,"compression":"zstd:3","compression_reason":"the line is the bottleneck","copied":20971520,"patched":0,"patched_stored":0,"zeroed":6291456,"sent":61341696,"received":1258291,"duration_seconds":143,"seconds_by_phase":{"connect":0.012,"scan":139,"transfer":2.95,"commit":0.9996},"speedup":857.62}
            """,
            fake.Output.Split('\n')[0]
        );
    }

    [Fact]
    public void AnUnchangedCycleIsNochange()
    {
        var fake = new FakeTerminal();
        using var output = Open(fake);
        output.Finish(Reports.Unchanged);
        Assert.Contains("\"result\":\"nochange\"", fake.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void AComparisonThatFoundDifferencesLeavesTheExitToTheError()
    {
        var fake = new FakeTerminal();
        using var output = Open(fake);
        output.Finish(Reports.Differing);
        Assert.Equal(
            $$"""
            {"v":1,"type":"verify_mismatch",{{Stamp}},"offset":10314842112,"length":65536}
            {"v":1,"type":"verify_mismatch",{{Stamp}},"offset":20450115584,"length":131072}
            {"v":1,"type":"verify_summary",{{Stamp}},"dest":"rsyncfs+tcp://backup1:8730/db01","result":"differs","target_status":"consistent","size":1073741824,"block_size":65536,"differing_blocks":3,"scanned":1073741824,"target_read":1073741824,"sent":512,"received":2048,"duration_seconds":1.5}

            """,
            fake.Output
        );
    }

    [Fact]
    public void NoProgressIsWrittenWhereNoneIsWanted()
    {
        var fake = new FakeTerminal();
        using var output = RunOutput.Open(
            fake.Terminal,
            new OutputSettings(Json: true, ProgressStyle.None, Quiet: false, 0),
            Reports.Title
        );
        output.Report(new CycleProgress("scan", 0, 1000, 0, 10));
        Assert.DoesNotContain("progress", fake.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsCompressedByIsAnEventWhenItChanges()
    {
        var fake = new FakeTerminal();
        using var output = Open(fake);
        var progress = new CycleProgress("transfer", 0, 1000, 0, 10);
        output.Report(progress);
        foreach (var used in new[] { Compression.Lz4, Compression.Lz4, Compression.Zstd(9) })
        {
            output.Report(progress with { Compression = new CompressionChoice(used, $"why {used}") });
        }

        var lines = fake
            .Output.Split('\n')
            .Where(line => line.Contains("\"compression\"", StringComparison.Ordinal));
        Assert.Equal(
            [
                $$"""{"v":1,"type":"compression",{{Stamp}},"dest":"rsyncfs+tcp://backup1:8730/db01","chosen":"lz4","reason":"why lz4"}""",
                $$"""{"v":1,"type":"compression",{{Stamp}},"dest":"rsyncfs+tcp://backup1:8730/db01","chosen":"zstd:9","reason":"why zstd:9"}""",
            ],
            lines
        );
    }

    private static IRunOutput Open(FakeTerminal fake) =>
        RunOutput.Open(
            fake.Terminal,
            new OutputSettings(Json: true, ProgressStyle.Auto, Quiet: false, 0),
            Reports.Title
        );
}
