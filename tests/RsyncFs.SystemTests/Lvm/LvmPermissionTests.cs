using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Lvm;

/// <summary>Machines where a program of LVM is missing, and users who may not use them.</summary>
[Collection(VolumeGroup.Collection)]
public sealed class LvmPermissionTests(ITestOutputHelper output)
{
    private const int MiB = 1024 * 1024;

    // An empty file in the place of the program, in a name space of its own.
    private const string Hidden = """
        hidden=$(readlink -f "$(command -v "$1")") && shift
        empty=$(mktemp) && mount --bind "$empty" "$hidden" && rm "$empty" || exit 99
        exec "$@"
        """;

    // nobody
    private const string User = "65534";

    [Fact]
    public async Task WithoutThinDeltaEverythingIsReadAndItSaysWhy()
    {
        using var scene = new LvmScene(output, isThin: true);
        await scene.SyncAsync("--force");
        new RandomContent(1).WriteTo(scene.Source, MiB, MiB);
        var said = await Without("thin_delta").RunOkAsync(scene.Line());
        var summary = new RunSummary(RunEvents.Of(said, "summary").Single());
        Assert.Equal("digest", summary.Plan);
        Assert.Contains("thin_delta is not installed", summary.Text("plan_reason"), StringComparison.Ordinal);
        Assert.Contains(
            "package thin-provisioning-tools",
            Assert.Single(RunEvents.Of(said, "warning")).ToString(),
            StringComparison.Ordinal
        );
        Verdict.Same(scene.Source, scene.Target);
        // Nothing of the pool is held.
        new RandomContent(2).WriteTo(scene.Source, 2 * MiB, MiB);
        Assert.Equal("tracked", (await scene.SyncAsync()).Plan);
        Verdict.Same(scene.Source, scene.Target);
    }

    [Fact]
    public async Task WithoutLvmItSaysWhatToInstall()
    {
        using var scene = new LvmScene(output, isThin: false);
        var said = await Without("lvs").RunAsync(scene.Line("--force"));
        Assert.Contains(
            "apt-get install lvm2",
            scene.AssertFailed(said, 7, "snapshot-create"),
            StringComparison.Ordinal
        );
        Assert.Empty(scene.Snapshots);
    }

    /// <summary>A snapshot that root made and opened to a user is copied by the user.</summary>
    [Fact]
    public async Task AUserCopiesASnapshotThatMayBeReadAndNothingElse()
    {
        using var scene = new LvmScene(output, isThin: false);
        using var home = new TemporaryDirectory();
        Command.Run("chown", User, home.Path);
        new RandomContent(1).WriteTo(scene.Source, 0, 4 * MiB);
        var volume = $"{scene.Group.Name}/{LvmScene.SourceName}";
        Command.Run("lvcreate", "-q", "-y", "-s", "-pr", "-L", "16m", "-n", "opened", volume);
        var snapshot = $"/dev/{scene.Group.Name}/opened";
        var image = home.At("image");
        string[] to = [image, "--create", "--json", "--state", home.At("state")];
        var user = new RsyncFsProgram("setpriv", "--reuid", User, "--regid", User, "--clear-groups");

        var denied = scene.AssertFailed(
            await user.RunAsync(["sync", scene.Source, .. to]),
            6,
            "permission-denied"
        );
        Assert.Contains("run as root", denied, StringComparison.Ordinal);
        Assert.False(Path.Exists(image));

        // To read the volume is not enough to take a snapshot of it.
        Command.Run("chown", User, scene.Source);
        denied = scene.AssertFailed(
            await user.RunAsync(["sync", scene.Source, .. to]),
            6,
            "permission-denied"
        );
        Assert.Contains("--snapshot none", denied, StringComparison.Ordinal);
        Assert.False(Path.Exists(image));

        Command.Run("chown", User, snapshot);
        await user.RunOkAsync(["sync", snapshot, .. to, "--snapshot", "none"]);
        Verdict.Same(snapshot, image);
        Assert.Equal(["opened"], scene.Group.SnapshotsOf(LvmScene.SourceName));
    }

    private static RsyncFsProgram Without(string program) =>
        new("unshare", "-m", "bash", "-c", Hidden, "without", program);
}
