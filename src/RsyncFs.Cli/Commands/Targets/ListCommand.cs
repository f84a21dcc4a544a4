using System.CommandLine;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;

namespace RsyncFs.Cli.Commands.Targets;

/// <summary><c>rsyncfs target list</c>: what is there.</summary>
internal sealed class ListCommand
{
    private readonly TargetOptions _options = new();

    /// <summary>The verb for the command line.</summary>
    public Command Build(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "list",
            "List all targets of this machine, served or not, and local destinations. GENERATION is the state that the device holds, DATA-AGE how long ago the source was so. EPOCH is the fencing number: promote raises it, demote goes back to the one before; a sender with a lower one is refused.",
            "rsyncfs target list",
            "rsyncfs target list --json"
        );
        return _options.Finish(command, Bind, output, terminal);
    }

    /// <summary>What the command line asks for.</summary>
    /// <exception cref="Errors.RsyncFsException">It can not be understood.</exception>
    public TargetErrand Bind(ParseResult parsed) =>
        _options.Bind(parsed, new ControlRequest { Verb = ControlVerb.List });
}
