using RsyncFs.Cli.Json;

namespace RsyncFs.Cli.Output;

/// <summary>Says what a verb of <c>target</c> found or did: results on standard output, what a person must know on standard error.</summary>
internal static class TargetPrinter
{
    /// <summary>Prints <paramref name="document"/>, as text or as JSON.</summary>
    public static void Print(ControlDocument document, Terminal terminal, OutputSettings settings)
    {
        if (settings.Json)
        {
            terminal.Output.WriteLine(JsonLines.Print(document));
            return;
        }

        switch (document)
        {
            case TargetListDocument list:
                terminal.Output.Write(TargetTable.Print(list));
                if (list.Targets.Count == 0 && !settings.Quiet)
                {
                    terminal.Error.WriteLine($"rsyncfs: no targets in {list.StateDirectory}");
                }

                break;
            case TargetShowDocument show:
                terminal.Output.Write(TargetSheet.Print(show));
                break;
            case TargetChangeDocument change when !settings.Quiet:
                terminal.Output.WriteLine(TargetChangeText.Line(change));
                terminal.Error.Write(TargetChangeText.Notes(change));
                break;
        }
    }
}
