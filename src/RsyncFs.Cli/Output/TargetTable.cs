using RsyncFs.Cli.Json;

namespace RsyncFs.Cli.Output;

/// <summary>All targets as a table.</summary>
internal static class TargetTable
{
    private const string Nothing = "-";

    private static readonly string[] Head = ["TARGET", "STATE", "GENERATION", "DATA-AGE", "EPOCH", "DEVICE"];

    /// <summary>The table, a line feed at the end of each line. Nothing at all where there is no target.</summary>
    public static string Print(TargetListDocument list)
    {
        if (list.Targets.Count == 0)
        {
            return "";
        }

        string[][] rows = [Head, .. list.Targets.Select(Row)];
        var widths = Head.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        var lines = rows.Select(row =>
            string.Join("  ", row.Select((text, column) => text.PadRight(widths[column]))).TrimEnd()
        );
        return string.Join('\n', lines) + "\n";
    }

    private static string[] Row(TargetEntry target) =>
        [
            target.Name,
            // Words that must not be overlooked are written large.
            target.Inconsistent || target.Status is "faulted" or "diverged" or TargetStatusText.Unreadable
                ? target.Status.ToUpperInvariant()
                : target.Status,
            target.Generation is { } generation ? GenerationText.Of(generation) : Nothing,
            target.DataAgeSeconds is { } age ? DurationText.Of(TimeSpan.FromSeconds(age)) : Nothing,
            target.Epoch?.ToString() ?? Nothing,
            target.Device ?? Nothing,
        ];
}
