using RsyncFs.Cli.Engine.Doctor;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using Xunit;

namespace RsyncFs.Tests.Cli.Doctor;

public sealed class FindingPrinterTests
{
    private static readonly OutputSettings Text = new(Json: false, ProgressStyle.Auto, Quiet: false, 0);

    private static readonly Finding Orphan = new(
        FindingLevel.Warning,
        "orphan-snapshot",
        "vg0/rsyncfs-0a1b",
        "a snapshot of ours that no source remembers"
    )
    {
        IsFixable = true,
        Hint = "rsyncfs doctor --fix",
    };

    private static readonly Finding Foreign = new(
        FindingLevel.Note,
        "foreign-snapshot",
        "vg0/mine",
        "is of another machine"
    )
    {
        Hint = "if nobody needs it: lvremove vg0/mine",
    };

    private readonly FakeTerminal _fake = new();

    [Fact]
    public void EachFindingIsOneLineWithWhatToType()
    {
        var broken = new Finding(FindingLevel.Error, "unchecked", "LVM", "could not\nbe checked");
        var found = FindingPrinter.Print([Orphan, Foreign, broken], _fake.Terminal, Text);
        Assert.Equal(
            """
            warning  vg0/rsyncfs-0a1b: a snapshot of ours that no source remembers [orphan-snapshot]; rsyncfs doctor --fix
            note     vg0/mine: is of another machine [foreign-snapshot]; if nobody needs it: lvremove vg0/mine
            error    LVM: could not be checked [unchecked]

            """,
            _fake.Output
        );
        Assert.Empty(_fake.Error);
        Assert.Equal((ErrorId.DoctorFindings, ExitCode.Differs), (found!.Id, found.ExitCode));
        Assert.Equal("2 things need somebody", found.Message);
        Assert.Contains("doctor --fix", found.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsMendedAndWhatIsOnlyWorthKnowingNeedsNobody()
    {
        Assert.Null(FindingPrinter.Print([Orphan.After(null), Foreign], _fake.Terminal, Text));
        Assert.StartsWith(
            "fixed    vg0/rsyncfs-0a1b: a snapshot of ours that no source remembers [orphan-snapshot]\nnote ",
            _fake.Output,
            StringComparison.Ordinal
        );
        Assert.Equal("rsyncfs: nothing is left that needs anybody\n", _fake.Error);
    }

    [Fact]
    public void WhatCouldNotBeMendedNeedsSomebody()
    {
        var stuck = Orphan.After("it is in use");
        Assert.True(stuck.IsOpen);
        Assert.EndsWith("; could not be mended: it is in use", stuck.Message, StringComparison.Ordinal);
        Assert.Equal("1 thing needs somebody", FindingPrinter.Print([stuck], _fake.Terminal, Text)!.Message);
    }

    [Fact]
    public void QuietSaysOnlyWhatNeedsSomebody()
    {
        var quiet = Text with { Quiet = true };
        Assert.Null(FindingPrinter.Print([Orphan.After(null), Foreign], _fake.Terminal, quiet));
        Assert.Equal(("", ""), (_fake.Output, _fake.Error));
        Assert.NotNull(FindingPrinter.Print([Orphan, Foreign], _fake.Terminal, quiet));
        Assert.Single(_fake.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void JsonIsAnEventForEachFindingAndTheirSum()
    {
        var json = Text with { Json = true };
        Assert.NotNull(FindingPrinter.Print([Orphan, Foreign], _fake.Terminal, json));
        var lines = _fake.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.EndsWith(
            """
            ,"run":"7f3a91c2","level":"warning","id":"orphan-snapshot","where":"vg0/rsyncfs-0a1b","message":"a snapshot of ours that no source remembers","hint":"rsyncfs doctor --fix","fixable":true,"fixed":false}
            """,
            lines[0],
            StringComparison.Ordinal
        );
        Assert.EndsWith(
            """
            ,"run":"7f3a91c2","result":"findings","open":1,"fixed":0,"notes":1}
            """,
            lines[2],
            StringComparison.Ordinal
        );

        var well = new FakeTerminal();
        Assert.Null(FindingPrinter.Print([Foreign], well.Terminal, json));
        Assert.Contains("\"result\":\"ok\",\"open\":0", well.Output, StringComparison.Ordinal);
        Assert.EndsWith("\"type\":\"exit\"", well.Output.Split(",\"ts\"")[^2], StringComparison.Ordinal);
    }
}
