using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Lvm;

/// <summary>Real volumes of LVM, classic and thin. Where this machine has no device-mapper: <c>scripts/lvm/test</c>.</summary>
public sealed class LvmTests(ITestOutputHelper output) : IDisposable
{
    private const int MiB = 1024 * 1024;

    private static readonly RsyncFsProgram Program = new();
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AMountedVolumeIsCopiedFromItsSnapshotAndThenOnlyWhatChangedIsRead(bool isThin)
    {
        Assert.SkipUnless(VolumeGroup.IsPossible, "this machine has no device-mapper");
        using var group = new VolumeGroup();
        var source = group.Make("db-01.data", isThin);
        var target = group.Make("copy", isThin: false);
        Command.Run("mkfs.ext4", "-q", source);
        using (var mount = new Mount(source))
        {
            Write(mount, "a", 3 * MiB);
            var first = await SyncAsync(source, target, "--force");
            Assert.Equal("full", first.Plan);
            Assert.Single(group.SnapshotsOf("db-01.data"));

            Write(mount, "b", MiB);
            File.Delete(Path.Combine(mount.Path, "a"));
            Command.Run("sync");
            var second = await SyncAsync(source, target);
            Assert.Equal("tracked", second.Plan);
            Assert.InRange(second.SourceRead, MiB, 12 * MiB);
            Assert.Single(group.SnapshotsOf("db-01.data"));
        }

        Command.Run("e2fsck", "-fn", target);
        // Nobody writes it any more: the last generation is the volume itself.
        Assert.Equal("tracked", (await SyncAsync(source, target)).Plan);
        Verdict.Same(source, target);
        Assert.True((await SyncAsync(source, target)).IsUnchanged);
        Assert.Equal("digest", (await SyncAsync(source, target, "--plan", "digest")).Plan);
    }

    /// <summary>C18: what bears our tag and is not ours stays; what a killed run of ours left goes.</summary>
    [Fact]
    public async Task OnlyItsOwnSnapshotsAreEverRemoved()
    {
        Assert.SkipUnless(VolumeGroup.IsPossible, "this machine has no device-mapper");
        using var group = new VolumeGroup();
        var source = group.Make("v", isThin: true);
        var target = group.Make("copy", isThin: false);
        new RandomContent(1).WriteTo(source, 0, 4 * MiB);
        string[] foreign = ["mine", "rsyncfs-0123456789ab"];
        foreach (var name in foreign)
        {
            Command.Run("lvcreate", "-q", "-y", "-s", "-n", name, "--addtag", "rsyncfs", $"{group.Name}/v");
        }

        await using (var killed = Program.Start(Line(source, target, "--force")))
        {
            await Poll.UntilAsync(() => group.SnapshotsOf("v").Count == foreign.Length + 1);
            killed.Kill();
            await killed.WaitAsync();
        }

        Assert.Equal(foreign.Length + 1, group.SnapshotsOf("v").Count);
        await SyncAsync(source, target, "--force");
        Assert.Equal(foreign.Length + 1, group.SnapshotsOf("v").Count);
        Assert.Subset(group.SnapshotsOf("v").ToHashSet(), foreign.ToHashSet());
        Verdict.Same(source, target);
    }

    /// <summary>Its reads fail then, and nothing of it may be believed; the target stays where it was.</summary>
    [Fact]
    public async Task ASnapshotThatRunsFullEndsTheCycleAndTheNextIsWhole()
    {
        Assert.SkipUnless(VolumeGroup.IsPossible, "this machine has no device-mapper");
        using var group = new VolumeGroup();
        var source = group.Make("v", isThin: false);
        var target = group.Make("copy", isThin: false);
        await SyncAsync(source, target, "--force");
        new RandomContent(1).WriteTo(source, 0, 4 * MiB);

        await using (var sender = Program.Start(Line(source, target, "--cow-size", "16MiB")))
        {
            await Poll.UntilAsync(() => group.SnapshotsOf("v").Count == 2);
            sender.Signal("STOP");
            new RandomContent(2).WriteTo(source, 0, 30 * MiB);
            sender.Signal("CONT");
            var said = await sender.WaitAsync();
            Assert.True(said.ExitCode == 7, said.ToString());
            Assert.Contains("snapshot-overflow", said.Output + said.Error, StringComparison.Ordinal);
        }

        output.WriteLine((await SyncAsync(source, target)).ToString());
        Verdict.Same(source, target);
    }

    private static void Write(Mount mount, string name, int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        File.WriteAllBytes(Path.Combine(mount.Path, name), bytes);
    }

    private string[] Line(string source, string target, params string[] options) =>
        ["sync", source, target, "--json", "--state", _directory.At("state"), .. options];

    private async Task<RunSummary> SyncAsync(string source, string target, params string[] options)
    {
        var result = await Program.RunOkAsync(Line(source, target, options));
        var summary = new RunSummary(RunEvents.Of(result, "summary").Single());
        output.WriteLine(summary.ToString());
        return summary;
    }
}
