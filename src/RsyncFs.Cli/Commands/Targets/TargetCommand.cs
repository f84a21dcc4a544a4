using System.CommandLine;
using RsyncFs.Cli.Output;

namespace RsyncFs.Cli.Commands.Targets;

/// <summary><c>rsyncfs target</c>: the verbs for what a person does with targets, on the machine that has them.</summary>
internal static class TargetCommand
{
    /// <summary>The group for the command line.</summary>
    public static Command Build(OutputOptions output, Terminal terminal)
    {
        var group = new ExampleCommand(
            "target",
            "Look at the targets of this machine, and change what they are: for failover.",
            "rsyncfs target list",
            "rsyncfs target show db01",
            "rsyncfs target promote db01"
        );
        group.Subcommands.Add(new ListCommand().Build(output, terminal));
        group.Subcommands.Add(new ShowCommand().Build(output, terminal));
        group.Subcommands.Add(new AdoptCommand().Build(output, terminal));
        group.Subcommands.Add(new PromoteCommand().Build(output, terminal));
        group.Subcommands.Add(new DemoteCommand().Build(output, terminal));
        group.Subcommands.Add(new ReverseCommand().Build(output, terminal));
        group.Subcommands.Add(new ReleaseCommand().Build(output, terminal));
        group.Subcommands.Add(new ResizeCommand().Build(output, terminal));
        group.Subcommands.Add(new RenameCommand().Build(output, terminal));
        return group;
    }
}
