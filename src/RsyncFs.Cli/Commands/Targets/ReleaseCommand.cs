using System.CommandLine;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;

namespace RsyncFs.Cli.Commands.Targets;

/// <summary><c>rsyncfs target release NAME</c>: rsyncfs lets go of the device.</summary>
internal sealed class ReleaseCommand
{
    private readonly TargetOptions _options = new();
    private readonly Argument<string?> _name = TargetOptions.NameArgument();
    private readonly Option<bool> _dryRun = ChangeOptions.DryRun();

    /// <summary>The verb for the command line.</summary>
    public Command Build(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "release",
            "Give the device of a target up, without making it the primary. Done already: exit code 0.",
            "rsyncfs target release db01"
        );
        command.Arguments.Add(_name);
        command.Options.Add(_dryRun);
        return _options.Finish(command, Bind, output, terminal);
    }

    /// <summary>What the command line asks for.</summary>
    /// <exception cref="Errors.RsyncFsException">It can not be understood.</exception>
    public TargetErrand Bind(ParseResult parsed) =>
        _options.Bind(
            parsed,
            new ControlRequest
            {
                Verb = ControlVerb.Release,
                Target = TargetOptions.Name(parsed.GetValue(_name)),
                DryRun = parsed.GetValue(_dryRun),
            }
        );
}
