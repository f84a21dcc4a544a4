using System.CommandLine;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;

namespace RsyncFs.Cli.Commands.Targets;

/// <summary><c>rsyncfs target show NAME</c>: all that is known of one target, and what keeps the host away from it.</summary>
internal sealed class ShowCommand
{
    private readonly TargetOptions _options = new();
    private readonly Argument<string?> _name = TargetOptions.NameArgument();

    /// <summary>The verb for the command line.</summary>
    public Command Build(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "show",
            "Show all that is known of one target. Nothing is changed; it works while a sender is at work.",
            "rsyncfs target show db01",
            "rsyncfs target show /backup/db01.img --json"
        );
        command.Arguments.Add(_name);
        return _options.Finish(command, Bind, output, terminal);
    }

    /// <summary>What the command line asks for.</summary>
    /// <exception cref="Errors.RsyncFsException">It can not be understood.</exception>
    public TargetErrand Bind(ParseResult parsed) =>
        _options.Bind(
            parsed,
            new ControlRequest
            {
                Verb = ControlVerb.Show,
                Target = TargetOptions.Name(parsed.GetValue(_name)),
            }
        );
}
