using RsyncFs.Cli.Commands.Targets;
using RsyncFs.Cli.Engine;
using RsyncFs.Cli.Json;
using Xunit;

namespace RsyncFs.Tests.Cli.Targets;

/// <summary>A command that is printed to be pasted finds the state that the command before it was about.</summary>
public sealed class GivenOptionsTests
{
    [Theory]
    [InlineData("rsyncfs target reverse db01", "rsyncfs target reverse db01 --state /s --socket /c")]
    [InlineData(
        "rsyncfs serve --target db01=/dev/x",
        "rsyncfs serve --target db01=/dev/x --state /s --socket /c"
    )]
    [InlineData(
        "rsyncfs sync /dev/x,/dev/y TO, and wait",
        "rsyncfs sync /dev/x,/dev/y TO --state /s, and wait"
    )]
    [InlineData("rsyncfs sync /dev/x TO", "rsyncfs sync /dev/x TO --state /s")]
    [InlineData("'rsyncfs target list' shows it", "'rsyncfs target list --state /s --socket /c' shows it")]
    [InlineData(
        "serve it (rsyncfs serve --target a=D), or: rsyncfs target rename a b; or wait",
        "serve it (rsyncfs serve --target a=D --state /s --socket /c), or: rsyncfs target rename a b --state /s --socket /c; or wait"
    )]
    [InlineData(
        "rsyncfs peer add NAME rfk1:Ab+/= --allow TARGET=write,verify; and init",
        "rsyncfs peer add NAME rfk1:Ab+/= --allow TARGET=write,verify --state /s --socket /c; and init"
    )]
    [InlineData("rsyncfs peer list", "rsyncfs peer list --state /s")]
    [InlineData("rsyncfs key gen, and serve again", "rsyncfs key gen --state /s, and serve again")]
    [InlineData("mount /dev/x DIRECTORY", "mount /dev/x DIRECTORY")]
    [InlineData("add --yes", "add --yes")]
    public void EveryCommandOfOursIsCompleted(string text, string completed) =>
        Assert.Equal(completed, new GivenOptions("/s", "/c").Complete(text));

    /// <summary>Each verb takes what it knows.</summary>
    [Theory]
    [InlineData("rsyncfs peer allow web1 a=write", " --peers /p")]
    [InlineData("rsyncfs key gen", " --key /k")]
    [InlineData("rsyncfs serve --target a=D,init", " --peers /p --key /k")]
    [InlineData("rsyncfs sync /dev/x TO", " --peers /p --key /k")]
    [InlineData("rsyncfs target list", "")]
    [InlineData("rsyncfs doctor", "")]
    public void WhereKeysAreIsSaidToWhomItConcerns(string command, string options)
    {
        var given = new GivenOptions(null, null) { PeersPath = "/p", KeyPath = "/k" };
        Assert.Equal(command + options, given.Complete(command));
    }

    [Fact]
    public void WhatAReceiverUsesIsSaidWhereItIsNotTheDefault()
    {
        var given = GivenOptions.Of("/s", new KeyFiles("/s/node.key", "/elsewhere"), "/s/control.sock");
        Assert.Equal(new GivenOptions("/s", null) { PeersPath = "/elsewhere" }, given);
        given = GivenOptions.Of("/s", new KeyFiles("/k", "/s/peers"), "/c");
        Assert.Equal(new GivenOptions("/s", "/c") { KeyPath = "/k" }, given);
    }

    [Fact]
    public void WhatWasNotGivenIsNotSaid()
    {
        const string Command = "rsyncfs target reverse db01";
        Assert.Equal(Command, new GivenOptions(null, null).Complete(Command));
        Assert.Equal(
            "rsyncfs target reverse db01 --socket /c",
            new GivenOptions(null, "/c").Complete(Command)
        );
    }

    [Fact]
    public void APathIsQuotedWhereAShellNeedsIt() =>
        Assert.Equal(
            "rsyncfs target list --state '/a b/it'\\''s'",
            new GivenOptions("/a b/it's", null).Complete("rsyncfs target list")
        );

    /// <summary>The state of the other machine is another one.</summary>
    [Fact]
    public void OnlyCommandsForThisMachineAreCompleted()
    {
        var change = Documents.Promoted with
        {
            Next =
            [
                new NextCommand("old primary", "rsyncfs serve --target db01=DEVICE"),
                new NextCommand("here", "rsyncfs target reverse db01"),
            ],
        };
        var completed = (TargetChangeDocument)new GivenOptions("/s", null).Complete(change);
        Assert.Equal(
            ["rsyncfs serve --target db01=DEVICE", "rsyncfs target reverse db01 --state /s"],
            completed.Next.Select(next => next.Command)
        );
    }
}
