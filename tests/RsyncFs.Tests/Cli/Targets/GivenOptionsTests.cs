using RsyncFs.Cli.Commands.Targets;
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
    [InlineData("mount /dev/x DIRECTORY", "mount /dev/x DIRECTORY")]
    [InlineData("add --yes", "add --yes")]
    public void EveryCommandOfOursIsCompleted(string text, string completed) =>
        Assert.Equal(completed, new GivenOptions("/s", "/c").Complete(text));

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
