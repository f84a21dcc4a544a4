using System.CommandLine;

namespace RsyncFs.Cli.Commands.Targets;

/// <summary>Options that several verbs of <c>target</c> have.</summary>
internal static class ChangeOptions
{
    /// <summary>Say what would be done.</summary>
    public static Option<bool> DryRun() =>
        Flag.Of("--dry-run", "Say what would be done; change nothing.", "-n");

    /// <summary>Do not ask.</summary>
    public static Option<bool> Yes() => Flag.Of("--yes", "Do it without asking.", "-y");
}
