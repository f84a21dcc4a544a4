using System.CommandLine;
using RsyncFs.Cli.Commands.Jobs;
using RsyncFs.Cli.Commands.Keys;
using RsyncFs.Cli.Commands.Targets;
using RsyncFs.Cli.Output;

namespace RsyncFs.Cli.Commands;

/// <summary>All verbs, in the order of the help.</summary>
internal static class Verbs
{
    /// <summary>The command line with all of them.</summary>
    /// <param name="output">The options of each.</param>
    /// <param name="terminal">Where they speak.</param>
    public static RootCommand Build(OutputOptions output, Terminal terminal) =>
        CommandLine.Build(
            output,
            [
                new SyncCommand().Build(output, terminal),
                new RunCommand().Build(output, terminal),
                new RunCommand(isPlan: true).Build(output, terminal),
                new LoopCommand().Build(output, terminal),
                .. LoopVerbCommand.Build(output, terminal),
                new LimitCommand().Build(output, terminal),
                new ConfigCommand().Build(output, terminal),
                new ServeCommand().Build(output, terminal),
                new VerifyCommand().Build(output, terminal),
                TargetCommand.Build(output, terminal),
                KeyCommand.Build(output, terminal),
                new PeerCommand().Build(output, terminal),
                new DoctorCommand().Build(output, terminal),
                VersionCommand.Build(output, terminal),
            ]
        );
}
