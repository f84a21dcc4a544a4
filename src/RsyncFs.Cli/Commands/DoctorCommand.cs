using System.CommandLine;
using RsyncFs.Cli.Commands.Targets;
using RsyncFs.Cli.Engine.Doctor;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Commands;

/// <summary><c>rsyncfs doctor</c>: what a killed run, a crash or a person left on this machine.</summary>
internal sealed class DoctorCommand
{
    private readonly TargetOptions _options = new();

    private readonly Option<bool> _fix = Flag.Of(
        "--fix",
        "Mend what can be without risk: remove snapshots of this state directory's sources that no source remembers, release the metadata of a thin pool that a killed run of ours holds, remove what is left of attempts that never became a target."
    );

    /// <summary>The verb for the command line.</summary>
    public Command Build(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "doctor",
            "Look for what a killed run, a crash or a person left: snapshots of LVM, held metadata of thin pools, suspended volumes, targets that are not whole, devices that this host may take for its own. Nothing is changed without --fix. Exit code 10 if anything needs somebody; a note does not.",
            "rsyncfs doctor",
            "rsyncfs doctor --fix",
            "rsyncfs doctor --quiet || echo \"somebody must look\""
        );
        command.Options.Add(_fix);
        _options.AddTo(command);
        command.SetAction((parsed, token) => RunAsync(parsed, output.Bind(parsed), terminal, token));
        return command;
    }

    /// <summary>What the command line asks for: where, and whether to mend.</summary>
    /// <exception cref="RsyncFsException">It can not be understood.</exception>
    public (TargetErrand Errand, bool IsFixing) Bind(ParseResult parsed) =>
        (_options.Bind(parsed, new ControlRequest { Verb = ControlVerb.List }), parsed.GetValue(_fix));

    private async Task<int> RunAsync(
        ParseResult parsed,
        OutputSettings settings,
        Terminal terminal,
        CancellationToken token
    )
    {
        var (errand, isFixing) = Bind(parsed);
        var findings = await new Checkup(errand, isFixing, terminal.Clock).RunAsync(token);
        return FindingPrinter.Print(findings, terminal, settings) is { } found
            ? throw found
            : (int)ExitCode.Ok;
    }
}
