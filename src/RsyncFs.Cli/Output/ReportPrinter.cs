using System.Globalization;
using RsyncFs.Blocks;
using RsyncFs.Cli.Arguments;
using RsyncFs.Protocol;

namespace RsyncFs.Cli.Output;

/// <summary>What a run did, as text: a few lines for people, or one line for a log.</summary>
internal static class ReportPrinter
{
    /// <summary>The report of a cycle in full, a line feed at its end.</summary>
    public static string Print(CycleReport report, RunTitle title)
    {
        List<string> lines =
        [
            $"{title}: {Headline(report)}",
            .. report.Purpose == Purpose.Replicate ? [Row("gen", $"{report.Generation:N}")] : (string[])[],
            Row("plan", $"{Word(report.Plan)}: {report.PlanReason}"),
            Row("apply", ApplyText(report)),
            Row("read", $"source {Size(report.SourceBytesRead)}   target {Size(report.TargetBytesRead)}"),
            .. report.SourceBytesShared > 0 ? [Row("shared", SharedText(report))] : (string[])[],
            Row("changed", ChangedText(report)),
        ];
        if (report.MetadataBytesRead > 0)
        {
            lines.Add(
                Row(
                    "tables",
                    $"{Size(report.MetadataBytesRead)} of metadata, to find what changed or is free"
                )
            );
        }

        if (report.BaseCopiedBytes > 0)
        {
            lines.Add(
                Row("base", $"{Size(report.BaseCopiedBytes)} copied away by writers for the kept snapshot")
            );
        }

        AddFree(lines, report.FreeBytes);
        if (!report.IsUnchanged)
        {
            lines.Add(Row("literal", LiteralText(report)));
            AddCompression(lines, report);
            lines.Add(Row("copied", $"{Size(report.CopiedBytes)} from elsewhere on the target"));
            AddPatched(lines, report);
            lines.Add(Row("zeroed", Size(report.ZeroedBytes)));
        }

        lines.Add(Row("written", Size(report.TargetBytesWritten)));
        lines.Add(Row("wire", $"sent {Size(report.BytesSent)}   received {Size(report.BytesReceived)}"));
        lines.Add(Row("time", TimeText(report)));
        lines.Add(Row("speedup", Factor(report.Speedup)));
        if (report.IsResumed)
        {
            lines.Add(
                Row("note", "an interrupted transfer was gone on with; what had arrived was not sent again")
            );
        }

        if (report.ArrivedRecordCount > 0)
        {
            lines.Add(
                Row(
                    "note",
                    $"an interrupted transfer is there: sync goes on behind the {report.ArrivedRecordCount} blocks and runs of zeros that have arrived, and sends less than this"
                )
            );
        }

        lines.AddRange(NotesOf(report.TargetStatus, report.Purpose == Purpose.Replicate));
        if (report.IsFuzzy)
        {
            lines.Add(
                Row("note", "the source was in use while it was read: this generation is marked fuzzy")
            );
        }

        return string.Join('\n', lines) + "\n";
    }

    private static void AddFree(List<string> lines, long freeBytes)
    {
        if (freeBytes > 0)
        {
            lines.Add(Row("free", $"{Size(freeBytes)} of the source; counted as zeros, not read"));
        }
    }

    private static string SharedText(CycleReport report) =>
        $"{Size(report.SourceBytesShared)} of the source were read for another destination at the same time";

    /// <summary>The report of a cycle as one line, without a line feed.</summary>
    public static string PrintLine(CycleReport report, RunTitle title)
    {
        var isEstimate = report.Purpose == Purpose.Estimate;
        var done = isEstimate ? "dry run" : $"done {GenerationText.Of(report.Generation)}";
        return $"{title}: {done} {DurationText.Of(report.Duration)}"
            + $" scanned {Size(report.SourceBytesRead)}"
            + (report.SourceBytesShared > 0 ? $" shared {Size(report.SourceBytesShared)}" : "")
            + (
                report.IsResumed
                    ? $" changed {report.ChangedBlocks} blocks, {Size(report.ChangedBytes)} of them in this run"
                    : $" changed {Size(report.ChangedBytes)} ({report.ChangedBlocks} blocks)"
            )
            + $" sent {Size(report.BytesSent)}{CompressionText(report)} received {Size(report.BytesReceived)}"
            + $" plan={Word(report.Plan)} speedup {Factor(report.Speedup)}{(report.IsFuzzy ? " fuzzy" : "")}"
            + DirectText(report)
            + (report.IsResumed ? " resumed" : "")
            + (report.ArrivedRecordCount > 0 ? $" arrived-before={report.ArrivedRecordCount}" : "")
            + (isEstimate ? StatusText(report.TargetStatus) : EarlierText(report));
    }

    /// <summary>The report of a comparison in full, a line feed at its end.</summary>
    public static string Print(VerifyReport report, RunTitle title)
    {
        var result = VerifyResult(report);
        List<string> lines =
        [
            $"{title}: {result}, {Size(report.DeviceBytes)} verified in {DurationText.Of(report.Duration)}",
            Row("read", $"source {Size(report.SourceBytesRead)}   target {Size(report.TargetBytesRead)}"),
            Row("wire", $"sent {Size(report.BytesSent)}   received {Size(report.BytesReceived)}"),
        ];
        AddFree(lines, report.FreeBytes);
        foreach (var extent in report.FirstDifferences)
        {
            lines.Add(Row("differs", $"{extent.LengthBytes} bytes at offset {extent.OffsetBytes}"));
        }

        lines.AddRange(NotesOf(report.TargetStatus, isMended: false));

        return string.Join('\n', lines) + "\n";
    }

    /// <summary>The report of a comparison as one line, without a line feed.</summary>
    public static string PrintLine(VerifyReport report, RunTitle title)
    {
        var result = VerifyResult(report);
        return $"{title}: verified {result} {DurationText.Of(report.Duration)}"
            + $" scanned {Size(report.DeviceBytes)} sent {Size(report.BytesSent)} received {Size(report.BytesReceived)}"
            + StatusText(report.TargetStatus);
    }

    /// <summary>An update in place is loud: had it been cut, there would be no whole copy.</summary>
    private static string DirectText(CycleReport report) =>
        report is { ApplyMode: ApplyMode.Direct, IsInitial: false, Purpose: Purpose.Replicate }
            ? " apply=DIRECT (target was INCONSISTENT meanwhile)"
            : "";

    private static string StatusText(TargetStatus status) =>
        (IsUsual(status) ? "" : $" target={TargetStatusText.Word(status)}")
        + (status.IsInconsistent() ? " INCONSISTENT" : "");

    private static string EarlierText(CycleReport report) =>
        report.IsInitial || IsUsual(report.TargetStatus)
            ? ""
            : $" target-was={TargetStatusText.Word(report.TargetStatus)}";

    private static IEnumerable<string> NotesOf(TargetStatus status, bool isMended)
    {
        if (status is TargetStatus.Empty || IsUsual(status))
        {
            yield break;
        }

        var word = TargetStatusText.Word(status);
        yield return Row(
            "note",
            isMended
                ? $"the target was {word} when this began, and is whole now"
                : $"the target is {word}: {TargetStatusText.Explain(word)}"
        );
    }

    private static bool IsUsual(TargetStatus status) =>
        status is TargetStatus.Consistent or TargetStatus.Committed;

    private static string VerifyResult(VerifyReport report) =>
        report.DifferingBlocks switch
        {
            0 => "equal",
            1 => "1 block differs",
            var count => $"{count} blocks differ",
        };

    private static string Headline(CycleReport report)
    {
        var duration = DurationText.Of(report.Duration);
        if (report.Purpose == Purpose.Estimate)
        {
            return $"dry run, nothing was written; this is the most that sync would do ({duration})";
        }

        var generation = GenerationText.Of(report.Generation);
        if (report.IsInitial)
        {
            return $"first copy, {generation} committed in {duration}";
        }

        return report.IsUnchanged
            ? $"nothing changed, {generation} stays ({duration})"
            : $"{generation} committed in {duration}";
    }

    private static string ApplyText(CycleReport report) =>
        (report.ApplyMode, report.IsInitial) switch
        {
            (ApplyMode.Journal, _) => "journal: staged and proven whole before the first write",
            (_, true) => "direct: written as it came, the target marked inconsistent until the end",
            _ => "DIRECT: written as it came, the target marked INCONSISTENT until the end",
        };

    private static string ChangedText(CycleReport report)
    {
        var device = Size(report.DeviceBytes);
        if (report.IsUnchanged)
        {
            return $"nothing of {device}";
        }

        if (report.IsResumed)
        {
            return $"{Blocks(report.ChangedBlocks)} of {Size(report.BlockSizeBytes)}, of which this run brought {Size(report.ChangedBytes)}; the rest had arrived";
        }

        var percent = 100.0 * report.ChangedBytes / Math.Max(1, report.DeviceBytes);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Size(report.ChangedBytes)} of {device} ({percent:0.00}%), {Blocks(report.ChangedBlocks)} of {Size(report.BlockSizeBytes)}"
        );
    }

    private static string LiteralText(CycleReport report) =>
        report.StoredBytes == report.LiteralBytes
            ? Size(report.LiteralBytes)
            : TravelText("", report.LiteralBytes, report.StoredBytes);

    private static string CompressionText(CycleReport report) =>
        report.StoredBytes < report.LiteralBytes
            ? $" ({report.Compression.Used} {Factor((double)report.LiteralBytes / Math.Max(1, report.StoredBytes))}x)"
            : "";

    private static void AddCompression(List<string> lines, CycleReport report)
    {
        if (report.LiteralBytes > 0)
        {
            lines.Add(Row("codec", $"{report.Compression.Used}: {report.Compression.Reason}"));
        }
    }

    private static void AddPatched(List<string> lines, CycleReport report)
    {
        if (report.PatchedBytes > 0)
        {
            lines.Add(
                Row(
                    "patched",
                    TravelText(" of what was there", report.PatchedBytes, report.PatchedStoredBytes)
                )
            );
        }
    }

    private static string TravelText(string of, long bytes, long storedBytes) =>
        $"{Size(bytes)}{of}, travelled as {Size(storedBytes)} ({Factor((double)bytes / Math.Max(1, storedBytes))}x)";

    private static string TimeText(CycleReport report) =>
        string.Join("   ", report.Phases.Select(phase => $"{phase.Name} {DurationText.Of(phase.Duration)}"));

    private static string Word(Plan plan) => plan.ToString().ToLowerInvariant();

    private static string Blocks(long count) => count == 1 ? "1 block" : $"{count} blocks";

    private static string Size(long bytes) => new ByteSize(bytes).ToString();

    private static string Factor(double factor)
    {
        var digits = factor switch
        {
            < 10 => "0.00",
            < 100 => "0.0",
            _ => "0",
        };
        return factor.ToString(digits, CultureInfo.InvariantCulture);
    }

    private static string Row(string label, string text) => $"  {label, -8} {text}";
}
