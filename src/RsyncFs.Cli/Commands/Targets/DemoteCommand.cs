using System.CommandLine;
using RsyncFs.Cli.Engine.Targets;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Commands.Targets;

/// <summary><c>rsyncfs target demote NAME</c>: a primary becomes a replica again, and loses what was written to it.</summary>
internal sealed class DemoteCommand
{
    private readonly TargetOptions _options = new();
    private readonly Argument<string?> _name = TargetOptions.NameArgument();
    private readonly Option<bool> _dryRun = ChangeOptions.DryRun();
    private readonly Option<bool> _yes = ChangeOptions.Yes();
    private readonly HooksOption _hooks = new();

    private readonly Option<bool> _force = Flag.Of(
        "--force",
        "The primary's device is lost, and another lies in its place: take that as the replica. Whatever it bears is overwritten by the next cycle."
    );

    /// <summary>The verb for the command line.</summary>
    public Command Build(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "demote",
            "Make a promoted target a replica again; what was written to its device since is to be overwritten. Reads the device to say how much that is (not with --yes --quiet), and asks. Done already: exit code 0.",
            "rsyncfs target demote db01",
            "rsyncfs target demote --dry-run db01",
            "rsyncfs target demote --yes db01",
            "rsyncfs target demote --force db01"
        );
        command.Arguments.Add(_name);
        command.Options.Add(_force);
        command.Options.Add(_yes);
        command.Options.Add(_dryRun);
        _hooks.AddTo(command);
        _options.AddTo(command);
        command.SetAction(
            async (parsed, token) =>
            {
                var settings = output.Bind(parsed);
                var document = await RunAsync(parsed, settings, terminal, token);
                TargetPrinter.Print(document, terminal, settings);
                return (int)ExitCode.Ok;
            }
        );
        return command;
    }

    /// <summary>What the command line asks for.</summary>
    /// <exception cref="RsyncFsException">It can not be understood.</exception>
    public TargetErrand Bind(ParseResult parsed) =>
        _options.Bind(
            parsed,
            new ControlRequest
            {
                Verb = ControlVerb.Demote,
                Target = TargetOptions.Name(parsed.GetValue(_name)),
                Force = parsed.GetValue(_force),
                DryRun = parsed.GetValue(_dryRun),
            }
        );

    private async Task<ControlDocument> RunAsync(
        ParseResult parsed,
        OutputSettings settings,
        Terminal terminal,
        CancellationToken token
    )
    {
        var errand = Bind(parsed) with { Hooks = _hooks.Bind(parsed, settings, terminal) };
        var isAgreed = parsed.GetValue(_yes);
        if (isAgreed && !errand.Request.DryRun && settings.Quiet)
        {
            // Nobody would see how much was written, and the whole device would be read for it.
            return await errand.RunAsync(token);
        }

        var foresight = errand with { Request = errand.Request with { DryRun = true } };
        var foreseen = (TargetChangeDocument)await foresight.RunAsync(token);
        if (!foreseen.Changed)
        {
            // Nothing is to be lost, so nobody is asked.
            return errand.Request.DryRun ? foreseen : await errand.RunAsync(token);
        }

        var mayAsk = terminal.Input is not null && !settings.Json;
        if (!errand.Request.DryRun && !isAgreed && !mayAsk)
        {
            throw NotAsked(foreseen);
        }

        foreseen = await WrittenBlocks.CountAsync(foreseen, settings, terminal, token);
        if (errand.Request.DryRun)
        {
            return foreseen;
        }

        if (!isAgreed && !await Question.AskAsync(terminal, Words(foreseen), token))
        {
            throw new RefusedException(ErrorId.TargetState, "not demoted: that was the answer")
            {
                Where = foreseen.Target,
                Hint = "nothing was changed; it is still the primary",
            };
        }

        var done = (TargetChangeDocument)await errand.RunAsync(token);
        return done with { ChangedBlocks = foreseen.ChangedBlocks, TotalBlocks = foreseen.TotalBlocks };
    }

    private static string Words(TargetChangeDocument foreseen)
    {
        var what = foreseen.ChangedBlocks is { } count
            ? $"{count} of {foreseen.TotalBlocks} blocks were written since it was promoted"
            : "how much was written since it was promoted is not known";
        return $"{foreseen.Target} ({foreseen.Device}): {what}; {string.Join("; ", foreseen.Warnings)}. Demote it?";
    }

    private static RefusedException NotAsked(TargetChangeDocument foreseen) =>
        new(ErrorId.TargetState, "to demote is to lose what was written, and nobody is there to be asked")
        {
            Where = $"{foreseen.Target} → {foreseen.Device}",
            Hint = "add --yes; --dry-run says how much was written. Nothing was changed",
        };
}
