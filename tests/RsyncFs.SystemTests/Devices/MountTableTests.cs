using RsyncFs.Linux.Devices;
using Xunit;

namespace RsyncFs.SystemTests.Devices;

public sealed class MountTableTests
{
    // From proc_pid_mountinfo(5), with a btrfs, whose number is made up, and with lines cut short.
    private static readonly string[] Lines =
    [
        "",
        "36 35 98:0",
        "36 35 98:0 /mnt1 /mnt/first\\040one rw,noatime master:1 - ext3 /dev/root rw,errors=continue",
        "37 35 0:41 / /mnt/b rw shared:7 master:2 - btrfs /dev/sd\\134b rw",
        "38 35 0:42 / /proc rw - proc proc rw",
    ];

    [Fact]
    public void FindsAMountByItsNumber() =>
        Assert.Equal("/mnt/first one", MountTable.MountPointOf("98:0", Lines, _ => null));

    [Fact]
    public void FindsAMountByItsSource() =>
        Assert.Equal(
            "/mnt/b",
            MountTable.MountPointOf(
                "8:16",
                Lines,
                path => string.Equals(path, "/dev/sd\\b", StringComparison.Ordinal) ? "8:16" : null
            )
        );

    [Fact]
    public void FindsNothingForADeviceThatIsNotMounted() =>
        Assert.Null(MountTable.MountPointOf("8:0", Lines, _ => "8:1"));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\\040b\\011c\\012d\\134e", "a b\tc\nd\\e")]
    [InlineData("cut\\04", "cut\\04")]
    [InlineData("no\\089digits", "no\\089digits")]
    public void UndoesTheOctalOfTheKernel(string field, string text) =>
        Assert.Equal(text, MountTable.Unescape(field));
}
