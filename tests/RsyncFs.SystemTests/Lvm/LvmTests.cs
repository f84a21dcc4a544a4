using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests;
using Xunit;

namespace RsyncFs.SystemTests.Lvm;

/// <summary>Real volumes of LVM, classic and thin, as people use them.</summary>
[Collection(VolumeGroup.Collection)]
public sealed class LvmTests(ITestOutputHelper output)
{
    private const int MiB = 1024 * 1024;

    [Theory]
    [Trait("lvm", "smoke")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AMountedVolumeIsCopiedFromItsSnapshotAndThenOnlyWhatChangedIsRead(bool isThin)
    {
        using var scene = new LvmScene(output, isThin);
        Command.Run("mkfs.ext4", "-q", scene.Source);
        using (var mount = new Mount(scene.Source))
        {
            Write(mount, "a", 3 * MiB);
            Assert.Equal("full", (await scene.SyncAsync("--force")).Plan);
            Verdict.Same(Assert.Single(scene.Snapshots), scene.Target);

            Write(mount, "b", MiB);
            File.Delete(Path.Combine(mount.Path, "a"));
            Command.Run("sync");
            var second = await scene.SyncAsync();
            Assert.Equal("tracked", second.Plan);
            Assert.InRange(second.SourceRead, MiB, 12 * MiB);
            Verdict.Same(Assert.Single(scene.Snapshots), scene.Target);
        }

        Command.Run("e2fsck", "-fn", scene.Target);
        // Nobody writes it any more: the last generation is the volume itself.
        Assert.Equal("tracked", (await scene.SyncAsync()).Plan);
        Verdict.Same(scene.Source, scene.Target);
        Assert.True((await scene.SyncAsync()).IsUnchanged);
    }

    /// <summary>The judge of tracking is a comparison that reads both ends.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TrackingAgreesWithTheVolumeOnEveryGeneration(bool isThin)
    {
        using var scene = new LvmScene(output, isThin);
        var random = TestSeed.NewRandom();
        await scene.SyncAsync("--force");
        for (var cycle = 0; cycle < 6; cycle++)
        {
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                var offset = random.NextInt64(0, 60 * MiB) / 512 * 512;
                var length = random.Next(1, 2 * MiB / 512) * 512L;
                switch (random.Next(4))
                {
                    // Of a classic origin the device-mapper refuses to discard.
                    case 0 when isThin:
                        Command.Run("blkdiscard", "-o", $"{offset}", "-l", $"{length}", scene.Source);
                        break;
                    case 1:
                        Command.Run("blkdiscard", "-z", "-o", $"{offset}", "-l", $"{length}", scene.Source);
                        break;
                    default:
                        new RandomContent((ulong)random.Next()).WriteTo(scene.Source, offset, length);
                        break;
                }
            }

            Assert.Equal("tracked", (await scene.SyncAsync()).Plan);
            Verdict.Same(scene.Source, scene.Target);
        }
    }

    /// <summary>C18: what bears our tag and is not ours stays; what a killed run of ours left goes.</summary>
    [Fact]
    public async Task OnlyItsOwnSnapshotsAreEverRemoved()
    {
        using var scene = new LvmScene(output, isThin: true);
        new RandomContent(1).WriteTo(scene.Source, 0, 4 * MiB);
        string[] foreign = ["mine", "rsyncfs-0123456789ab"];
        foreach (var name in foreign)
        {
            var source = $"{scene.Group.Name}/{LvmScene.SourceName}";
            Command.Run("lvcreate", "-q", "-y", "-s", "-n", name, "--addtag", "rsyncfs", source);
        }

        await using (var killed = LvmScene.Start(scene.Line("--force")))
        {
            await Poll.UntilAsync(() => scene.Snapshots.Count == foreign.Length + 1);
            killed.Kill();
            await killed.WaitAsync();
        }

        Assert.Equal(foreign.Length + 1, scene.Snapshots.Count);
        await scene.SyncAsync("--force");
        Assert.Equal(foreign.Length + 1, scene.Snapshots.Count);
        Assert.Subset(
            scene.Group.SnapshotsOf(LvmScene.SourceName).ToHashSet(StringComparer.Ordinal),
            foreign.ToHashSet(StringComparer.Ordinal)
        );
        Verdict.Same(scene.Source, scene.Target);
    }

    /// <summary>
    /// A filesystem that is written all the time: each generation is one that fsck calls clean, and the snapshot itself.
    /// </summary>
    [Theory]
    [InlineData("ext4", false)]
    [InlineData("ext4", true)]
    [InlineData("xfs", false)]
    [InlineData("xfs", true)]
    public async Task EveryGenerationOfABusyFilesystemIsWhole(string type, bool isThin)
    {
        const int Cycles = 8;
        using var scene = new LvmScene(output, isThin);
        // XFS wants 300 MB for a filesystem of people.
        Command.Run(
            $"mkfs.{type}",
            type is "xfs" ? ["-q", "--unsupported", scene.Source] : ["-q", scene.Source]
        );
        var replayed = scene.Group.Make("replayed", isThin: false);
        using var mount = new Mount(scene.Source);
        // Where every instruction is translated it would leave too little to the program, whose handshake has a deadline.
        string[] writes = ["-n", "10", "bash", "-c", Writer, "writer", mount.Path];
        await using var writer = new RunningProgram("nice", writes);
        for (var cycle = 0; cycle < Cycles; cycle++)
        {
            var summary = await scene.SyncAsync(cycle == 0 ? ["--force"] : []);
            Assert.Equal(cycle == 0 ? "full" : "tracked", summary.Plan);
            Verdict.Same(Assert.Single(scene.Snapshots), scene.Target);
            AssertWhole(type, scene.Target, replayed);
        }

        Assert.False(writer.HasExited, "the writer ended");
    }

    /// <summary>LVM freezes what is mounted for the snapshot; XFS all the same leaves a log to be replayed, by a mount, on a copy.</summary>
    private static void AssertWhole(string type, string target, string copy)
    {
        string[] direct = ["bs=1M", "iflag=direct", "oflag=direct", "status=none"];
        Command.Run("dd", [$"if={target}", $"of={copy}", .. direct]);
        new Mount(copy, type is "xfs" ? ["-o", "nouuid"] : []).Dispose();
        Command.Run(type is "xfs" ? "xfs_repair" : "e2fsck", type is "xfs" ? ["-n", copy] : ["-fn", copy]);
    }

    // Grows, rewrites, renames and removes files, some of them synced; and one is written anywhere, cut and grown.
    private const string Writer = """
        cd "$1" && i=0
        while :; do
            i=$((i + 1)) && mkdir -p "d$((i % 7))" && f=d$((i % 7))/f$((RANDOM % 40))
            head -c $((RANDOM * 4)) /dev/urandom >"$f" || rm -rf d*
            ((i % 5)) || mv "$f" "d$((i % 7))/g$((RANDOM % 40))"
            dd if=/dev/urandom of=x bs=512 count=$((RANDOM % 64)) seek=$((RANDOM % 9000)) conv=notrunc status=none
            ((i % 6)) || truncate -s $((RANDOM * 120)) x
            ((i % 9)) || rm -f d*/f$((RANDOM % 40))
            ((i % 11)) || sync
        done
        """;

    private static void Write(Mount mount, string name, int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        File.WriteAllBytes(Path.Combine(mount.Path, name), bytes);
    }
}
