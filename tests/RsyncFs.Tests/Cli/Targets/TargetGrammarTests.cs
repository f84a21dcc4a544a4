using System.CommandLine;
using RsyncFs.Cli.Commands;
using RsyncFs.Cli.Commands.Targets;
using RsyncFs.Cli.Json;
using Xunit;

namespace RsyncFs.Tests.Cli.Targets;

public sealed class TargetGrammarTests
{
    private readonly OutputOptions _output = new();

    [Fact]
    public void EveryVerbSaysWhatItIsAskedFor()
    {
        Assert.Equal(Of(ControlVerb.List) with { Target = null }, Bind("list", new ListCommand()).Request);
        Assert.Equal(Of(ControlVerb.Show), Bind("show db01", new ShowCommand()).Request);
        Assert.Equal(
            Of(ControlVerb.Promote) with
            {
                Force = true,
                DryRun = true,
            },
            Bind("promote --force -n db01", new PromoteCommand()).Request
        );
        Assert.Equal(Of(ControlVerb.Demote), Bind("demote db01 --yes", new DemoteCommand()).Request);
        Assert.Equal(
            Of(ControlVerb.Reverse) with
            {
                DryRun = true,
                Source = "/dev/vg1/db01-replica",
            },
            Bind("reverse db01 --dry-run --source /dev/vg1/../vg1/db01-replica", new ReverseCommand()).Request
        );
        Assert.Equal(Of(ControlVerb.Release), Bind("release db01", new ReleaseCommand()).Request);
        Assert.Equal(
            Of(ControlVerb.Resize) with
            {
                Force = true,
            },
            Bind("resize db01 --force", new ResizeCommand()).Request
        );
        Assert.Equal(
            Of(ControlVerb.Rename) with
            {
                NewName = "web",
            },
            Bind("rename db01 web", new RenameCommand()).Request
        );
    }

    [Theory]
    [InlineData("adopt db01", "db01", null)]
    [InlineData("adopt db01=/dev/vg1/db01", "db01", "/dev/vg1/db01")]
    [InlineData("adopt db01=/dev/a=b,c", "db01", "/dev/a=b,c")]
    [InlineData("adopt /backup/a=b.img", "/backup/a=b.img", null)]
    public void AdoptTakesANameADeviceOrAPath(string line, string target, string? device)
    {
        var request = Bind(line + " --new-sender --overwrite", new AdoptCommand()).Request;
        Assert.Equal((target, device), (request.Target, request.Device));
        Assert.True(request is { NewSender: true, Overwrite: true, DryRun: false });
    }

    [Theory]
    [InlineData("show Db01", "'Db01' is not a target")]
    [InlineData("show ../db01", "'../db01' is not a target")]
    [InlineData("show ./image", "'./image' is not a target")]
    [InlineData("adopt db01=", "target 'db01' has no device")]
    [InlineData("adopt =x", "'' is not a target")]
    [InlineData("rename db01 /dev/x", "'/dev/x' is not a target's name")]
    [InlineData("rename db01 db01", "both names are db01")]
    [InlineData("show db01 --socket=", "required argument missing for option: '--socket'")]
    public void RefusesWhatIsNoTarget(string line, string message) =>
        Assert.Contains(
            message,
            Refusal
                .Of(() =>
                    line.Split(' ')[0] switch
                    {
                        "show" => Bind(line, new ShowCommand()),
                        "adopt" => Bind(line, new AdoptCommand()),
                        _ => Bind(line, new RenameCommand()),
                    }
                )
                .Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void TheSocketIsWhereTheStateIsUnlessSaid()
    {
        var named = Bind("show db01 --state /s", new ShowCommand());
        Assert.Equal(("/s", "/s/control.sock"), (named.StateDirectory, named.SocketPath));
        Assert.Equal("/s", named.Request.StateDirectory);

        var socket = Bind("show db01 --socket /run/x.sock", new ShowCommand());
        Assert.Equal("/run/x.sock", socket.SocketPath);
        Assert.Null(socket.Request.StateDirectory);
    }

    private static ControlRequest Of(ControlVerb verb) => new() { Verb = verb, Target = "db01" };

    private TargetErrand Bind(string line, ListCommand command) =>
        command.Bind(Parse(line, command.Build(_output, new FakeTerminal().Terminal)));

    private TargetErrand Bind(string line, ShowCommand command) =>
        command.Bind(Parse(line, command.Build(_output, new FakeTerminal().Terminal)));

    private TargetErrand Bind(string line, AdoptCommand command) =>
        command.Bind(Parse(line, command.Build(_output, new FakeTerminal().Terminal)));

    private TargetErrand Bind(string line, PromoteCommand command) =>
        command.Bind(Parse(line, command.Build(_output, new FakeTerminal().Terminal)));

    private TargetErrand Bind(string line, DemoteCommand command) =>
        command.Bind(Parse(line, command.Build(_output, new FakeTerminal().Terminal)));

    private TargetErrand Bind(string line, ReverseCommand command) =>
        command.Bind(Parse(line, command.Build(_output, new FakeTerminal().Terminal)));

    private TargetErrand Bind(string line, ReleaseCommand command) =>
        command.Bind(Parse(line, command.Build(_output, new FakeTerminal().Terminal)));

    private TargetErrand Bind(string line, ResizeCommand command) =>
        command.Bind(Parse(line, command.Build(_output, new FakeTerminal().Terminal)));

    private TargetErrand Bind(string line, RenameCommand command) =>
        command.Bind(Parse(line, command.Build(_output, new FakeTerminal().Terminal)));

    private ParseResult Parse(string line, Command verb)
    {
        var root = CommandLine.Build(_output, verb);
        return CommandLine.Parse(root, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
