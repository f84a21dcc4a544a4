using RsyncFs.Cli.Engine.Doctor;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Tests.Cli.Targets;
using Xunit;

namespace RsyncFs.Tests.Cli.Doctor;

public sealed class TargetCheckTests
{
    [Theory]
    [InlineData("faulted", true, FindingLevel.Error)]
    [InlineData("unreadable", true, FindingLevel.Error)]
    [InlineData("diverged", true, FindingLevel.Warning)]
    [InlineData("initializing", false, FindingLevel.Warning)]
    [InlineData("direct", false, FindingLevel.Warning)]
    [InlineData("committed", false, FindingLevel.Warning)]
    public void ATargetThatIsNotWholeIsFound(string status, bool isAtWork, object level)
    {
        var found = TargetCheck.OfStatus(Of(status), isAtWork);
        Assert.Equal((FindingLevel)level, found!.Level);
        Assert.Contains(TargetStatusText.Explain(status), found.Message, StringComparison.Ordinal);
        Assert.Contains("rsyncfs target show db01", found.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("initializing")]
    [InlineData("direct")]
    [InlineData("committed")]
    public void WhatARunIsAtWorkOnIsNoFinding(string status) =>
        Assert.Null(TargetCheck.OfStatus(Of(status), isAtWork: true));

    [Theory]
    [InlineData("consistent")]
    [InlineData("empty")]
    [InlineData("primary")]
    [InlineData("adopted")]
    [InlineData("released")]
    public void WhatIsAsItShouldBeIsNoFinding(string status) =>
        Assert.Null(TargetCheck.OfStatus(Of(status), isAtWork: false));

    [Fact]
    public void AStateThatCanNotBeReadIsFoundWithItsReason()
    {
        var error = new ControlError
        {
            Id = "state-damaged",
            Message = "it can not be read",
            Cause = "no slot",
            Hint = "do this",
        };
        var found = TargetCheck.OfStatus(Of("unreadable") with { Error = error }, isAtWork: false)!;
        Assert.EndsWith(": it can not be read: no slot", found.Message, StringComparison.Ordinal);
        Assert.Equal("do this", found.Hint);
    }

    [Fact]
    public void DevicesThatPassForTheTargetsAreFound()
    {
        var twin = Assert.Single(TargetCheck.OfGuards("db01", Documents.Show.Guards));
        Assert.Equal(("duplicate-identity", "db01"), (twin.Id, twin.Where));
        Assert.StartsWith("/dev/sdc on this machine", twin.Message, StringComparison.Ordinal);

        var unknown = Documents.Show.Guards! with { Duplicates = [], Unknown = "blkid is not installed" };
        Assert.Equal(FindingLevel.Note, Assert.Single(TargetCheck.OfGuards("db01", unknown)).Level);
        Assert.Empty(TargetCheck.OfGuards("db01", guards: null));
    }

    private static TargetEntry Of(string status) => Documents.Consistent with { Status = status };
}
