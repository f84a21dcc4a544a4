using System.CommandLine;
using RsyncFs.Cli.Engine;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using RsyncFs.Protocol;

namespace RsyncFs.Cli.Commands;

/// <summary><c>rsyncfs verify SOURCE DEST</c>: compares the two, both read from the devices, and writes nothing.</summary>
internal sealed class VerifyCommand
{
    private readonly EndPoints _endPoints = new();
    private readonly CommonOptions _common = new();

    /// <summary>The verb for the command line.</summary>
    public Command Build(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "verify",
            "Compare a source and a target, both read from their devices. Nothing is written.",
            "rsyncfs verify /dev/vg0/db01 rsyncfs://backup1/db01",
            "rsyncfs verify /dev/vg0/db01 /backup/db01.img || echo \"differs or failed\""
        );
        _endPoints.AddTo(command);
        _common.AddTo(command);
        command.SetAction((parsed, token) => RunAsync(parsed, output.Bind(parsed), terminal, token));
        return command;
    }

    /// <summary>What the command line asks for.</summary>
    /// <exception cref="RsyncFsException">It can not be understood.</exception>
    public VerifyRequest Bind(ParseResult parsed)
    {
        var (source, destination, _) = _endPoints.Bind(parsed);
        return new VerifyRequest
        {
            SourcePath = source,
            Destination = destination,
            StateDirectory = _common.BindStateDirectory(parsed),
            Keys = _common.BindKeys(parsed),
            Pin = _endPoints.BindPin(parsed, destination),
            Ssh = _endPoints.BindSsh(parsed, destination),
            AllowPlaintext = _common.AllowsPlaintext(parsed),
            // Nothing changes for the sync that comes next, and nothing is missed that only a sync needs.
            Snapshot = _endPoints.BindSnapshot(parsed) with
            {
                KeepsBase = false,
            },
            Options = new ReplicationOptions
            {
                TargetName = EndPoints.TargetNameOf(destination),
                Purpose = Purpose.Verify,
            },
        };
    }

    private async Task<int> RunAsync(
        ParseResult parsed,
        OutputSettings settings,
        Terminal terminal,
        CancellationToken token
    )
    {
        var request = Bind(parsed);
        Warnings.OfPlaintext(request.AllowPlaintext, settings, terminal);
        var title = new RunTitle(request.SourcePath, request.Destination.ToString());
        using var output = RunOutput.Open(terminal, settings, title);
        output.Start(isDryRun: true);
        var report = await SenderRun.VerifyAsync(request, output, token);
        output.Finish(report);
        return report.DifferingBlocks == 0 ? (int)ExitCode.Ok : throw Differs(report, title);
    }

    private static RsyncFsException Differs(VerifyReport report, RunTitle title)
    {
        var blocks =
            report.DifferingBlocks == 1 ? "1 different block" : $"{report.DifferingBlocks} different blocks";
        var first =
            report.FirstDifferences.Count > 0
                ? $", first at offset {report.FirstDifferences[0].OffsetBytes}"
                : "";
        return new RsyncFsException(ErrorId.VerifyDiffers, $"verification found {blocks}")
        {
            Where = $"{title}{first}",
            Hint = "the same command with 'sync' in place of 'verify' makes them equal",
        };
    }
}
