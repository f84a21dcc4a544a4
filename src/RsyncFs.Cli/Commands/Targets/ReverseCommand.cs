using System.CommandLine;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;

namespace RsyncFs.Cli.Commands.Targets;

/// <summary><c>rsyncfs target reverse NAME</c>: the primary becomes a source for the other direction.</summary>
internal sealed class ReverseCommand
{
    private readonly TargetOptions _options = new();
    private readonly Argument<string?> _name = TargetOptions.NameArgument();
    private readonly Option<bool> _dryRun = ChangeOptions.DryRun();

    private readonly Option<string?> _source = new("--source")
    {
        Description =
            "The path from which it will be sent, if that is not the device itself: a snapshot of it, which need not be there yet. A sender knows a source by its path.",
        HelpName = "PATH",
    };

    /// <summary>The verb for the command line.</summary>
    public Command Build(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "reverse",
            "Make the device of a promoted target a source, so that the old primary is given only what differs. Prints the commands for both sides.",
            "rsyncfs target reverse db01",
            "rsyncfs target reverse --source /dev/vg1/db01-replica db01"
        );
        command.Arguments.Add(_name);
        command.Options.Add(_source);
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
                Verb = ControlVerb.Reverse,
                Target = TargetOptions.Name(parsed.GetValue(_name)),
                Source = Source(parsed.GetValue(_source)),
                DryRun = parsed.GetValue(_dryRun),
            }
        );

    private static string? Source(string? typed) =>
        typed is { Length: 0 } ? throw UsageError.Of("--source is empty", "say which path, or leave it out")
        : typed is null ? null
        : Path.GetFullPath(typed);
}
