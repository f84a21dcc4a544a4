using RsyncFs.Blocks;
using RsyncFs.Cli.Output;
using RsyncFs.Protocol;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class ReportPrinterTests
{
    [Fact]
    public void PrintsAChangedCycleInWords() =>
        Assert.Equal(
            """
            /dev/vg0/db01 → rsyncfs+tcp://backup1:8730/db01: g1f2e3d4c committed in 2m23s
              gen      1f2e3d4c00004000800000000000cafe
              plan     compare: the receiver may not trust its digest map (no evidence of what wrote the device)
              apply    journal: staged and proven whole before the first write
              read     source 50.0 GiB   target 50.0 GiB
              changed  176.0 MiB of 50.0 GiB (0.34%), 2816 blocks of 64.0 KiB
              literal  150.0 MiB, travelled as 60.0 MiB (2.50x)
              codec    zstd:3: the line is the bottleneck
              copied   20.0 MiB from elsewhere on the target
              zeroed   6.0 MiB
              written  176.0 MiB
              wire     sent 58.5 MiB   received 1.2 MiB
              time     connect 12ms   scan 2m19s   transfer 3.0s   commit 1.0s
              speedup  858

            """,
            ReportPrinter.Print(Reports.Changed, Reports.Title)
        );

    [Fact]
    public void PrintsAnUnchangedCycleWithoutWhatDidNotHappen() =>
        Assert.Equal(
            """
            /dev/vg0/db01 → rsyncfs+tcp://backup1:8730/db01: nothing changed, g1f2e3d4c stays (16.0s)
              gen      1f2e3d4c00004000800000000000cafe
              plan     digest: both maps are of the target's generation
              apply    journal: staged and proven whole before the first write
              read     source 50.0 GiB   target 0 B
              changed  nothing of 50.0 GiB
              written  0 B
              wire     sent 900 B   received 700 B
              time     scan 16.0s
              speedup  33554432

            """,
            ReportPrinter.Print(Reports.Unchanged, Reports.Title)
        );

    [Fact]
    public void SaysOfAFirstCopyHowItWasAppliedAndThatItIsFuzzy()
    {
        var text = ReportPrinter.Print(Reports.Initial, Reports.Title);
        Assert.Contains(": first copy, g1f2e3d4c committed in 2m23s\n", text, StringComparison.Ordinal);
        Assert.Contains(
            "  apply    direct: written as it came, the target marked inconsistent until the end\n",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("  literal  1.0 GiB\n", text, StringComparison.Ordinal);
        Assert.EndsWith(
            "  note     the source was in use while it was read: this generation is marked fuzzy\n",
            text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void ADryRunClaimsNoGeneration()
    {
        var estimate = Reports.Changed with { Purpose = Purpose.Estimate };
        var text = ReportPrinter.Print(estimate, Reports.Title);
        Assert.Contains("dry run, nothing was written", text, StringComparison.Ordinal);
        Assert.DoesNotContain("g1f2e3d4c", text, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "g1f2e3d4c",
            ReportPrinter.PrintLine(estimate, Reports.Title),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void PrintsACycleAsOneLineForALog() =>
        Assert.Equal(
            "/dev/vg0/db01 → rsyncfs+tcp://backup1:8730/db01: done g1f2e3d4c 2m23s scanned 50.0 GiB"
                + " changed 176.0 MiB (2816 blocks) sent 58.5 MiB (zstd:3 2.50x) received 1.2 MiB plan=compare speedup 858",
            ReportPrinter.PrintLine(Reports.Changed, Reports.Title)
        );

    [Fact]
    public void PrintsWhatAComparisonFound()
    {
        Assert.Equal(
            """
            /dev/vg0/db01 → rsyncfs+tcp://backup1:8730/db01: 3 blocks differ, 1.0 GiB verified in 1.5s
              read     source 1.0 GiB   target 1.0 GiB
              wire     sent 512 B   received 2.0 KiB
              differs  65536 bytes at offset 10314842112
              differs  131072 bytes at offset 20450115584

            """,
            ReportPrinter.Print(Reports.Differing, Reports.Title)
        );
        Assert.Equal(
            "/dev/vg0/db01 → rsyncfs+tcp://backup1:8730/db01: verified equal 1.5s scanned 1.0 GiB sent 512 B received 2.0 KiB",
            ReportPrinter.PrintLine(Reports.Equal, Reports.Title)
        );
    }

    [Fact]
    public void PatchesHaveARowWhereThereAreAny()
    {
        var patched = Reports.Changed with { PatchedBytes = 12 << 20, PatchedStoredBytes = 300 << 10 };
        Assert.Contains(
            """
              copied   20.0 MiB from elsewhere on the target
              patched  12.0 MiB of what was there, travelled as 300.0 KiB (41.0x)
              zeroed   6.0 MiB
            """,
            ReportPrinter.Print(patched, Reports.Title),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void AnUpdateInPlaceIsLoud()
    {
        var direct = Reports.Changed with { ApplyMode = ApplyMode.Direct };
        Assert.EndsWith(
            " apply=DIRECT (target was INCONSISTENT meanwhile)",
            ReportPrinter.PrintLine(direct, Reports.Title),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "  apply    DIRECT: written as it came, the target marked INCONSISTENT until the end\n",
            ReportPrinter.Print(direct, Reports.Title),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            "DIRECT",
            ReportPrinter.PrintLine(Reports.Initial, Reports.Title),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(TargetStatus.Consistent, "", "")]
    [InlineData(
        TargetStatus.Diverged,
        " target-was=diverged",
        "was diverged when this began, and is whole now"
    )]
    [InlineData(TargetStatus.Adopted, " target-was=adopted", "was adopted when this began, and is whole now")]
    [InlineData(TargetStatus.Direct, " target-was=direct", "was direct when this began, and is whole now")]
    public void ACycleSaysWhatTheTargetWas(TargetStatus status, string line, string note)
    {
        var report = Reports.Changed with { TargetStatus = status };
        Assert.EndsWith(
            "speedup 858" + line,
            ReportPrinter.PrintLine(report, Reports.Title),
            StringComparison.Ordinal
        );
        Assert.Contains(note, ReportPrinter.Print(report, Reports.Title), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TargetStatus.Consistent, "")]
    [InlineData(TargetStatus.Diverged, " target=diverged")]
    [InlineData(TargetStatus.Empty, " target=empty")]
    [InlineData(TargetStatus.Initializing, " target=initializing INCONSISTENT")]
    [InlineData(TargetStatus.Direct, " target=direct INCONSISTENT")]
    public void WhatWritesNothingSaysWhatTheTargetIs(TargetStatus status, string line)
    {
        var estimate = Reports.Changed with { Purpose = Purpose.Estimate, TargetStatus = status };
        var verified = Reports.Equal with { TargetStatus = status };
        Assert.EndsWith(
            "speedup 858" + line,
            ReportPrinter.PrintLine(estimate, Reports.Title),
            StringComparison.Ordinal
        );
        Assert.EndsWith(
            "received 2.0 KiB" + line,
            ReportPrinter.PrintLine(verified, Reports.Title),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void ACycleThatWasGoneOnWithSaysSo()
    {
        var resumed = Reports.Changed with { IsResumed = true };
        Assert.EndsWith(
            " resumed",
            ReportPrinter.PrintLine(resumed, Reports.Title),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "was gone on with",
            ReportPrinter.Print(resumed, Reports.Title),
            StringComparison.Ordinal
        );
    }

    /// <summary>The blocks are those of the whole update, the bytes those of this run: they are not told as one.</summary>
    [Fact]
    public void TheNumbersOfACycleThatWasGoneOnWithDoNotContradictEachOther()
    {
        var resumed = Reports.Changed with { IsResumed = true };
        Assert.Contains(
            "  changed  2816 blocks of 64.0 KiB, of which this run brought 176.0 MiB; the rest had arrived\n",
            ReportPrinter.Print(resumed, Reports.Title),
            StringComparison.Ordinal
        );
        Assert.Contains(
            " changed 2816 blocks, 176.0 MiB of them in this run sent ",
            ReportPrinter.PrintLine(resumed, Reports.Title),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void ADryRunKnowsOfAnInterruptedTransfer()
    {
        var dry = Reports.Changed with { Purpose = Purpose.Estimate, ArrivedRecordCount = 128 };
        Assert.Contains(
            "  note     an interrupted transfer is there: sync goes on behind the 128 blocks and runs of zeros that have arrived, and sends less than this\n",
            ReportPrinter.Print(dry, Reports.Title),
            StringComparison.Ordinal
        );
        Assert.EndsWith(
            " arrived-before=128",
            ReportPrinter.PrintLine(dry, Reports.Title),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            "arrived",
            ReportPrinter.PrintLine(dry with { ArrivedRecordCount = 0 }, Reports.Title),
            StringComparison.Ordinal
        );
    }
}
