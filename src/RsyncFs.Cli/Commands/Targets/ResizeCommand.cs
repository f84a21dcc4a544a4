using System.CommandLine;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;

namespace RsyncFs.Cli.Commands.Targets;

/// <summary><c>rsyncfs target resize NAME</c>: the device has another size than it had, on purpose.</summary>
internal sealed class ResizeCommand
{
    private readonly TargetOptions _options = new();
    private readonly Argument<string?> _name = TargetOptions.NameArgument();
    private readonly Option<bool> _dryRun = ChangeOptions.DryRun();

    private readonly Option<bool> _force = Flag.Of("--force", "Accept that the device became smaller.");

    /// <summary>The verb for the command line.</summary>
    public Command Build(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "resize",
            "Take the size that the device has now for the size of the target. Done already: exit code 0.",
            "rsyncfs target resize db01",
            "rsyncfs target resize --force db01"
        );
        command.Arguments.Add(_name);
        command.Options.Add(_force);
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
                Verb = ControlVerb.Resize,
                Target = TargetOptions.Name(parsed.GetValue(_name)),
                Force = parsed.GetValue(_force),
                DryRun = parsed.GetValue(_dryRun),
            }
        );
}
