using System.CommandLine;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;

namespace RsyncFs.Cli.Commands.Targets;

/// <summary><c>rsyncfs target promote NAME</c>: the replica becomes the primary.</summary>
internal sealed class PromoteCommand
{
    private readonly TargetOptions _options = new();
    private readonly Argument<string?> _name = TargetOptions.NameArgument();
    private readonly Option<bool> _dryRun = ChangeOptions.DryRun();
    private readonly HooksOption _hooks = new();

    private readonly Option<bool> _force = Flag.Of(
        "--force",
        "End a sender's session that is at work; promote a target that is not one whole, proven generation."
    );

    /// <summary>The verb for the command line.</summary>
    public Command Build(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "promote",
            "Make a target the primary: fence its senders, give its device up for use. Done already: exit code 0.",
            "rsyncfs target promote db01",
            "rsyncfs target promote --dry-run db01"
        );
        command.Arguments.Add(_name);
        command.Options.Add(_force);
        command.Options.Add(_dryRun);
        _hooks.AddTo(command);
        return _options.Finish(
            command,
            parsed => Bind(parsed) with { Hooks = _hooks.Bind(parsed, output.Bind(parsed), terminal) },
            output,
            terminal
        );
    }

    /// <summary>What the command line asks for.</summary>
    /// <exception cref="Errors.RsyncFsException">It can not be understood.</exception>
    public TargetErrand Bind(ParseResult parsed) =>
        _options.Bind(
            parsed,
            new ControlRequest
            {
                Verb = ControlVerb.Promote,
                Target = TargetOptions.Name(parsed.GetValue(_name)),
                Force = parsed.GetValue(_force),
                DryRun = parsed.GetValue(_dryRun),
            }
        );
}
