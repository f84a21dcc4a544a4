using System.CommandLine;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;

namespace RsyncFs.Cli.Commands.Targets;

/// <summary><c>rsyncfs target rename OLD NEW</c>: another name for the same target.</summary>
internal sealed class RenameCommand
{
    private readonly TargetOptions _options = new();
    private readonly Argument<string?> _oldName = new("OLD") { Description = "The target's name." };
    private readonly Argument<string?> _newName = new("NEW") { Description = "The name that it gets." };
    private readonly Option<bool> _dryRun = ChangeOptions.DryRun();

    /// <summary>The verb for the command line.</summary>
    public Command Build(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "rename",
            "Give a target another name; a receiver that runs takes it at once. Done already: exit code 0.",
            "rsyncfs target rename db01 db02"
        );
        command.Arguments.Add(_oldName);
        command.Arguments.Add(_newName);
        command.Options.Add(_dryRun);
        return _options.Finish(command, Bind, output, terminal);
    }

    /// <summary>What the command line asks for.</summary>
    /// <exception cref="Errors.RsyncFsException">It can not be understood.</exception>
    public TargetErrand Bind(ParseResult parsed)
    {
        var (oldName, newName) = (parsed.GetValue(_oldName) ?? "", parsed.GetValue(_newName) ?? "");
        foreach (var name in (string[])[oldName, newName])
        {
            if (!TargetName.IsValid(name))
            {
                throw UsageError.Of($"'{name}' is not a target's name", TargetName.Rule);
            }
        }

        if (string.Equals(oldName, newName, StringComparison.Ordinal))
        {
            throw UsageError.Of($"both names are {oldName}", "say the name that it has, then the new one");
        }

        return _options.Bind(
            parsed,
            new ControlRequest
            {
                Verb = ControlVerb.Rename,
                Target = oldName,
                NewName = newName,
                DryRun = parsed.GetValue(_dryRun),
            }
        );
    }
}
