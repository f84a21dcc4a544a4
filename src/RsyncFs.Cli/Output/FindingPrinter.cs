using RsyncFs.Cli.Engine.Doctor;
using RsyncFs.Cli.Json;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Output;

/// <summary>Says what <c>doctor</c> found: one line each on standard output, or events.</summary>
internal static class FindingPrinter
{
    /// <summary>Prints; the error that ends the run if somebody has to do something still, else null.</summary>
    public static RsyncFsException? Print(
        IReadOnlyList<Finding> findings,
        Terminal terminal,
        OutputSettings settings
    )
    {
        var open = findings.Count(finding => finding.IsOpen);
        if (settings.Json)
        {
            PrintJson(findings, open, new JsonLines(terminal));
        }
        else
        {
            foreach (var finding in findings.Where(finding => finding.IsOpen || !settings.Quiet))
            {
                terminal.Output.WriteLine(Line(finding));
            }

            if (open == 0 && !settings.Quiet)
            {
                terminal.Error.WriteLine("rsyncfs: nothing is left that needs anybody");
            }
        }

        return open == 0 ? null : Found(findings, open);
    }

    /// <summary>The line: <c>warning  vg0/rsyncfs-1: ... [orphan-snapshot]; rsyncfs doctor --fix</c>.</summary>
    public static string Line(Finding finding)
    {
        var word = finding.IsFixed ? "fixed" : finding.Level.ToString().ToLowerInvariant();
        var hint = finding.Hint is { } told ? $"; {told}" : "";
        var line = $"{word, -7}  {finding.Where}: {finding.Message} [{finding.Id}]{hint}";
        return string.Join(' ', line.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static void PrintJson(IReadOnlyList<Finding> findings, int open, JsonLines lines)
    {
        foreach (var finding in findings)
        {
            lines.Write(FindingEvent.Of(finding));
        }

        lines.Write(
            new DoctorSummaryEvent
            {
                Result = open == 0 ? "ok" : "findings",
                Open = open,
                Fixed = findings.Count(finding => finding.IsFixed),
                Notes = findings.Count(finding => finding.Level == FindingLevel.Note),
            }
        );
        if (open == 0)
        {
            lines.Write(new ExitEvent { Code = (int)ExitCode.Ok });
        }
    }

    private static RsyncFsException Found(IReadOnlyList<Finding> findings, int open) =>
        new(ErrorId.DoctorFindings, open == 1 ? "1 thing needs somebody" : $"{open} things need somebody")
        {
            Hint = findings.Any(finding => finding is { IsOpen: true, IsFixable: true })
                ? "'rsyncfs doctor --fix' mends what is certainly its own; what else to do stands behind each line"
                : "what to do stands behind each line",
        };
}
