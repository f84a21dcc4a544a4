using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class ErrorPrinterTests
{
    [Fact]
    public void PrintsWhatWhereCauseAndHint() =>
        Assert.Equal(
            """
            rsyncfs: error: target device is in use [target-in-use]
              where  backup1/db01 → /dev/vgdr/db01 (253:7)
              cause  mounted on /mnt/restore (ext4, rw); exclusive open failed: EBUSY
              hint   on backup1: umount /mnt/restore

            """,
            ErrorPrinter.Print(
                new RefusedException(ErrorId.TargetInUse, "target device is in use")
                {
                    Where = "backup1/db01 → /dev/vgdr/db01 (253:7)",
                    Cause = "mounted on /mnt/restore (ext4, rw); exclusive open failed: EBUSY",
                    Hint = "on backup1: umount /mnt/restore",
                },
                verbosity: 1
            )
        );

    [Fact]
    public void LeavesOutWhatIsNotKnown() =>
        Assert.Equal(
            "rsyncfs: error: the connection broke [connection-lost]\n",
            ErrorPrinter.Print(
                new ConnectionException(ErrorId.ConnectionLost, "the connection broke"),
                verbosity: 0
            )
        );

    [Fact]
    public void NeverTakesMoreThanSixLines()
    {
        var error = new RsyncFsException(ErrorId.SourceIo, "read failed")
        {
            Where = "/dev/x",
            Cause = string.Join('\n', Enumerable.Range(1, 20).Select(number => $"line {number}")),
            Hint = "replace the disk",
        };
        Assert.Equal(
            """
            rsyncfs: error: read failed [source-io]
              where  /dev/x
              cause  line 1
                     line 2
                     line 3
              hint   replace the disk

            """,
            ErrorPrinter.Print(error, verbosity: 0)
        );
    }

    [Theory]
    [InlineData(ErrorId.Bug, 0, true)]
    [InlineData(ErrorId.SourceIo, 0, false)]
    [InlineData(ErrorId.SourceIo, 1, false)]
    [InlineData(ErrorId.SourceIo, 2, true)]
    public void ShowsAStackTraceOnlyForOurDefectsAndOnRequest(ErrorId id, int verbosity, bool isShown)
    {
        var thrown = Assert.Throws<RsyncFsException>(void () => throw new RsyncFsException(id, "x"));
        var text = ErrorPrinter.Print(thrown, verbosity);
        Assert.Equal(isShown, text.Contains("   at RsyncFs.", StringComparison.Ordinal));
    }

    [Fact]
    public void EveryIdPrintsInKebabCase() =>
        Assert.All(
            Enum.GetValues<ErrorId>(),
            id =>
                Assert.Matches(
                    @"^rsyncfs: error: x \[[a-z]+(-[a-z]+)*\]\n",
                    ErrorPrinter.Print(new RsyncFsException(id, "x"), verbosity: 0)
                )
        );
}
