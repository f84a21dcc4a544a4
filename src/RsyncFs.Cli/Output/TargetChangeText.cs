using System.Globalization;
using System.Text;
using RsyncFs.Cli.Json;

namespace RsyncFs.Cli.Output;

/// <summary>What a verb made of a target: one line for scripts, and what a person must know.</summary>
internal static class TargetChangeText
{
    /// <summary>The line: <c>db01: promoted device=... generation=...</c>, without a line feed.</summary>
    public static string Line(TargetChangeDocument change)
    {
        var line = new StringBuilder();
        line.Append(change.Target)
            .Append(": ")
            .Append(change.DryRun ? "would be " : "")
            .Append(change.Status);
        Add(line, "device=", change.Device);
        Add(line, "generation=", change.Generation is { } generation ? GenerationText.Of(generation) : null);
        Add(
            line,
            "data_time=",
            change.DataTime?.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)
        );
        Add(
            line,
            "loss<=",
            change.LossSeconds is { } loss ? DurationText.Of(TimeSpan.FromSeconds(loss)) : null
        );
        Add(line, "epoch=", change.Epoch?.ToString(CultureInfo.InvariantCulture));
        Add(line, "size=", change.SizeBefore is null ? null : Text(change.Size));
        Add(line, "size_before=", Text(change.SizeBefore));
        Add(
            line,
            "written=",
            change.ChangedBlocks is { } written ? $"{written}/{change.TotalBlocks} blocks" : null
        );
        Add(line, "renamed_to=", change.NewName);
        Add(line, "was=", change.Was);
        return line.ToString();
    }

    /// <summary>Warnings and what comes next, a line feed at the end of each line.</summary>
    public static string Notes(TargetChangeDocument change)
    {
        var word = change.DryRun ? "next would be" : "next";
        var lines = change
            .Warnings.Select(warning => $"rsyncfs: warning: {warning}\n")
            .Concat(change.Next.Select(next => $"rsyncfs: {word}, {On(next)}: {next.Command}\n"));
        return string.Concat(lines);
    }

    private static string On(NextCommand next) =>
        (next.On is "here" ? "here" : $"on the {next.On}") + (next.When is { } when ? $", {when}" : "");

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static void Add(StringBuilder line, string label, string? text)
    {
        if (text is not null)
        {
            line.Append(' ').Append(label).Append(text);
        }
    }
}
