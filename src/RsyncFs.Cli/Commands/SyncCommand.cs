using System.CommandLine;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Engine;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Commands;

/// <summary><c>rsyncfs sync SOURCE DEST</c>: makes the destination equal to the source, once.</summary>
internal sealed class SyncCommand
{
    private readonly EndPoints _endPoints = new();
    private readonly DeltaOptions _delta = new();
    private readonly CommonOptions _common = new();
    private readonly JournalOptions _journal = new();
    private readonly LimitOptions _limits = new("off");

    private readonly Option<bool> _force = Flag.Of(
        "--force",
        "Overwrite a local DEST that bears a filesystem or another known signature."
    );

    private readonly Option<bool> _create = Flag.Of(
        "--create",
        "Make a local image DEST that does not exist."
    );

    private readonly Option<string?> _fullCompareEvery = new("--full-compare-every")
    {
        Description =
            "How long digests may be believed before both devices are read and compared; off: for ever. Default: 7d.",
        HelpName = "DUR|off",
    };

    private readonly Option<string?> _changes = new("--changes")
    {
        Description =
            "A list of what changed since the target's generation, from a tracker of your own; -: standard input. Only that, and a sample of the rest, is read.",
        HelpName = "FILE|-",
    };

    private readonly Option<bool> _noBase = Flag.Of(
        "--no-base",
        "Keep no snapshot of SOURCE until the next run: nothing is copied away for it, and each run reads everything."
    );

    private readonly Option<string?> _checkpointEvery = new("--checkpoint-every")
    {
        Description =
            "After so much of a delta it is made durable at the receiver; a run that is cut goes on from there. Default: 64MiB.",
        HelpName = "SIZE",
    };

    /// <summary>The verb for the command line.</summary>
    public Command Build(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "sync",
            "Make a target equal to a source device, once. Only what differs is sent.",
            "rsyncfs sync /dev/vg0/db01 rsyncfs://backup1/db01",
            "rsyncfs sync --dry-run /dev/vg0/db01 rsyncfs://[2001:db8::7]:8730/db01",
            "rsyncfs sync /dev/vg0/db01 rsyncfs+ssh://backup@backup1/db01",
            "rsyncfs sync --create /dev/vg0/db01 /backup/db01.img"
        );
        _endPoints.AddTo(command);
        _delta.AddTo(command);
        command.Options.Add(_noBase);
        command.Options.Add(_force);
        command.Options.Add(_create);
        command.Options.Add(_fullCompareEvery);
        command.Options.Add(_checkpointEvery);
        command.Options.Add(_changes);
        _limits.AddTo(command);
        _journal.AddTo(command);
        _common.AddTo(command);
        command.SetAction((parsed, token) => RunAsync(parsed, output.Bind(parsed), terminal, token));
        return command;
    }

    /// <summary>What the command line asks for.</summary>
    /// <exception cref="RsyncFsException">It can not be understood.</exception>
    public SyncRequest Bind(ParseResult parsed)
    {
        var (source, destination, _) = _endPoints.Bind(parsed);
        var isRemote = destination is RemoteDestination;
        if (isRemote && parsed.GetValue(_force))
        {
            throw UsageError.Of(
                "--force is for a local DEST",
                "a receiver decides what may be overwritten: rsyncfs serve --target NAME=DEVICE,init=overwrite"
            );
        }

        if (isRemote && parsed.GetValue(_create))
        {
            throw UsageError.Of(
                "--create is for a local DEST",
                "on the receiver: truncate --size SIZE IMAGE"
            );
        }

        if (isRemote && _journal.FirstGiven(parsed) is { } given)
        {
            throw UsageError.Of(
                $"{given} is for a local DEST",
                "a receiver decides how its targets are written: the option is one of 'rsyncfs serve' there"
            );
        }

        return new SyncRequest
        {
            SourcePath = source,
            Destination = destination,
            StateDirectory = _common.BindStateDirectory(parsed),
            Keys = _common.BindKeys(parsed),
            Pin = _endPoints.BindPin(parsed, destination),
            Ssh = _endPoints.BindSsh(parsed, destination),
            AllowPlaintext = _common.AllowsPlaintext(parsed),
            Rate = new RateControl(_limits.BindRates(parsed) ?? RateSchedule.Unlimited),
            Snapshot = _endPoints.BindSnapshot(parsed) with { KeepsBase = !parsed.GetValue(_noBase) },
            Force = parsed.GetValue(_force),
            Create = parsed.GetValue(_create),
            ChangesPath = parsed.GetValue(_changes),
            Options = _delta.Bind(parsed, EndPoints.TargetNameOf(destination)) with
            {
                FullCompareEvery = SyncWords.FullCompare(parsed.GetValue(_fullCompareEvery) ?? "7d"),
                CheckpointBytes = SyncWords.Checkpoint(parsed.GetValue(_checkpointEvery) ?? "64MiB"),
            },
            Journal = _journal.Bind(parsed),
        };
    }

    /// <summary>What the run may take, which begins now; null for what it needs.</summary>
    /// <exception cref="RsyncFsException">It can not be understood.</exception>
    public RunBudget? BindBudget(ParseResult parsed, TimeProvider clock) => _limits.BindBudget(parsed, clock);

    private async Task<int> RunAsync(
        ParseResult parsed,
        OutputSettings settings,
        Terminal terminal,
        CancellationToken token
    )
    {
        var request = Bind(parsed) with { Budget = BindBudget(parsed, terminal.Clock) };
        Warnings.OfPlaintext(request.AllowPlaintext, settings, terminal);
        using var output = RunOutput.Open(
            terminal,
            settings,
            new RunTitle(request.SourcePath, request.Destination.ToString())
        );
        output.Start(request.IsDryRun);
        output.Finish(await SenderRun.SyncAsync(request, output, token));
        return (int)ExitCode.Ok;
    }
}
