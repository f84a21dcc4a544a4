using System.CommandLine;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;

namespace RsyncFs.Cli.Commands.Targets;

/// <summary><c>rsyncfs target adopt NAME[=DEVICE]</c>: takes a device in as a copy that is to be compared.</summary>
internal sealed class AdoptCommand
{
    private readonly TargetOptions _options = new();
    private readonly Option<bool> _dryRun = ChangeOptions.DryRun();

    private readonly Argument<string?> _target = new("NAME[=DEVICE]")
    {
        Description =
            "A target's name, with its device if it was never a target here; or the path of a local destination.",
    };

    private readonly Option<bool> _newSender = Flag.Of(
        "--new-sender",
        "Take the next sender, whatever its volume: its own state was lost, or it is another one."
    );

    private readonly Option<bool> _overwrite = Flag.Of(
        "--overwrite",
        "Take in a device that bears a filesystem or another known signature; what differs from the source is overwritten."
    );

    /// <summary>The verb for the command line.</summary>
    public Command Build(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "adopt",
            "Take in a device that holds a copy made by other means, or a target that was released or diverged: the next cycle compares it, and only differences travel.",
            "rsyncfs target adopt --overwrite db01=/dev/vg1/db01",
            "rsyncfs target adopt db01",
            "rsyncfs target adopt --new-sender db01"
        );
        command.Arguments.Add(_target);
        command.Options.Add(_newSender);
        command.Options.Add(_overwrite);
        command.Options.Add(_dryRun);
        return _options.Finish(command, Bind, output, terminal);
    }

    /// <summary>What the command line asks for.</summary>
    /// <exception cref="Errors.RsyncFsException">It can not be understood.</exception>
    public TargetErrand Bind(ParseResult parsed)
    {
        var (name, device) = Split(parsed.GetValue(_target) ?? "");
        return _options.Bind(
            parsed,
            new ControlRequest
            {
                Verb = ControlVerb.Adopt,
                Target = TargetOptions.Name(name),
                Device = device,
                NewSender = parsed.GetValue(_newSender),
                Overwrite = parsed.GetValue(_overwrite),
                DryRun = parsed.GetValue(_dryRun),
            }
        );
    }

    /// <summary>A name ends at its first equal sign; a path may hold some.</summary>
    private static (string Name, string? Device) Split(string typed)
    {
        var equals = typed.IndexOf('=', StringComparison.Ordinal);
        if (typed.StartsWith('/') || equals < 0)
        {
            return (typed, null);
        }

        var device = typed[(equals + 1)..];
        return device.Length > 0
            ? (typed[..equals], Path.GetFullPath(device))
            : throw UsageError.Of(
                $"target '{typed[..equals]}' has no device",
                "write NAME=DEVICE, or NAME alone"
            );
    }
}
