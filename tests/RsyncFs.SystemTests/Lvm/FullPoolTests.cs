using System.Globalization;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Lvm;

/// <summary>A thin pool that is full, of data or of metadata: nothing hangs, and the target is whole.</summary>
[Collection(VolumeGroup.Collection)]
public sealed class FullPoolTests(ITestOutputHelper output)
{
    private const int MiB = 1024 * 1024;

    // For how long the pool lets writers wait for room, in seconds: drivers/md/dm-thin.c. 60 by default.
    private const string PatienceOfThePool = "/sys/module/dm_thin_pool/parameters/no_space_timeout";

    /// <summary>Full while a run is under way: what it reads is there, and so the target comes to the new generation.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task APoolThatRunsFullNeitherHangsARunNorTakesAnother(bool failsAtOnce)
    {
        using var scene = new LvmScene(output, isThin: true, "-L", "112m");
        var pool = $"{scene.Group.Name}/pool";
        if (failsAtOnce)
        {
            Command.Run("lvchange", "-q", "--errorwhenfull", "y", pool);
        }

        await scene.SyncAsync("--force");
        new RandomContent(1).WriteTo(scene.Source, 0, 8 * MiB);
        var filler = scene.Group.Make("filler", isThin: true, size: "128m");
        var patience = Wait("20");
        try
        {
            await using var sender = LvmScene.Start(scene.Line());
            await Poll.UntilAsync(() => scene.Snapshots.Count == 2);
            sender.Signal("STOP");
            await using var writer = new RunningProgram(
                "dd",
                ["if=/dev/zero", $"of={filler}", "bs=1M", "oflag=direct", "status=none"]
            );
            await Poll.UntilAsync(() => DataPercent(pool) > 99.9);
            sender.Signal("CONT");
            var said = await sender.WaitAsync();
            Assert.True(said.ExitCode == 0, said.ToString());
            // The writer waits still, or has failed.
            Assert.Contains(
                "too full",
                await scene.FailAsync(7, "snapshot-create"),
                StringComparison.Ordinal
            );
            Verdict.Same(Assert.Single(scene.Snapshots), scene.Target);
            Assert.NotEqual(0, (await writer.WaitAsync()).ExitCode);
        }
        finally
        {
            Wait(patience);
        }

        Command.Run("lvremove", "-q", "-f", filler);
        await scene.SyncAsync();
        Verdict.Same(scene.Source, scene.Target);
    }

    /// <summary>A pool without metadata can not even remove what is in it: so it is not brought there.</summary>
    [Fact]
    public async Task OfAPoolWhoseMetadataIsFullNoSnapshotIsTaken()
    {
        using var scene = new LvmScene(output, isThin: true, "-L", "512m", "--poolmetadatasize", "2m");
        await scene.SyncAsync("--force");
        new RandomContent(1).WriteTo(scene.Source, 0, MiB);
        var filler = scene.Group.Make("filler", isThin: true, size: "256m");
        Command.Run(
            "dd",
            "if=/dev/zero",
            $"of={filler}",
            "bs=1M",
            "count=256",
            "oflag=direct",
            "status=none"
        );
        var snapshots = new List<string>();
        // LVM draws a line of its own, below ours.
        string Next() => $"full{snapshots.Count}";
        string[] snapshot = ["-q", "-y", "-s", "-n"];
        while (Command.Try("lvcreate", [.. snapshot, Next(), $"{scene.Group.Name}/filler"]).ExitCode == 0)
        {
            snapshots.Add($"{scene.Group.Name}/{Next()}");
            // What the two shared of the tree is in it twice, if they differ in each leaf.
            for (var offset = 0L; offset < 256 * MiB; offset += 4 * MiB)
            {
                new RandomContent(2).WriteTo(filler, offset, 4096);
            }
        }

        Assert.Contains(
            "--poolmetadatasize",
            await scene.FailAsync(7, "snapshot-create"),
            StringComparison.Ordinal
        );
        Verdict.Same(Assert.Single(scene.Snapshots), scene.Target);
        Command.Run("lvremove", ["-q", "-f", .. snapshots]);
        Assert.Equal("tracked", (await scene.SyncAsync()).Plan);
        Verdict.Same(scene.Source, scene.Target);
    }

    /// <summary>Sets the patience of pools; gives what it was.</summary>
    private static string Wait(string seconds)
    {
        var before = File.ReadAllText(PatienceOfThePool);
        File.WriteAllText(PatienceOfThePool, seconds);
        return before;
    }

    private static double DataPercent(string pool) =>
        double.Parse(
            Command.Run("lvs", "--noheadings", "-o", "data_percent", pool).Trim(),
            CultureInfo.InvariantCulture
        );
}
