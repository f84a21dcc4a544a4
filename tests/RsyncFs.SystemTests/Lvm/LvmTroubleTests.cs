using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Lvm;

/// <summary>What a storage can do to a run: each ends in its own error, or in a plan that needs less, and the target is whole.</summary>
[Collection(VolumeGroup.Collection)]
public sealed class LvmTroubleTests(ITestOutputHelper output)
{
    private const int MiB = 1024 * 1024;

    /// <summary>Its reads fail then, and nothing of it may be believed; the target stays where it was.</summary>
    [Fact]
    public async Task ASnapshotThatRunsFullEndsTheCycleAndTheNextIsWhole()
    {
        using var scene = new LvmScene(output, isThin: false);
        await scene.SyncAsync("--force");
        new RandomContent(1).WriteTo(scene.Source, 0, 4 * MiB);
        var before = scene.TargetHash();
        await using (var sender = LvmScene.Start(scene.Line("--cow-size", "16MiB")))
        {
            await Poll.UntilAsync(() => scene.Snapshots.Count == 2);
            sender.Signal("STOP");
            new RandomContent(2).WriteTo(scene.Source, 0, 30 * MiB);
            sender.Signal("CONT");
            scene.AssertFailed(await sender.WaitAsync(), 7, "snapshot-overflow");
        }

        Assert.Equal(before, scene.TargetHash());

        await scene.SyncAsync();
        Verdict.Same(scene.Source, scene.Target);
    }

    /// <summary>Who is told in time can give it more room. It is looked at every five seconds; 2 MiB take half a minute here.</summary>
    [Fact]
    public async Task ASnapshotThatFillsUpIsSaidWhileItIsInUse()
    {
        using var scene = new LvmScene(output, isThin: false);
        new RandomContent(2).WriteTo(scene.Source, 0, 2 * MiB);
        await scene.SyncAsync("--force");
        await using var sender = LvmScene.Start(
            scene.Line("--cow-size", "16MiB", "--plan", "full", "--bwlimit", "64KiB/s")
        );
        await Poll.UntilAsync(() => scene.Snapshots.Count == 2);
        new RandomContent(1).WriteTo(scene.Source, 0, 13 * MiB);
        var said = await sender.WaitAsync();
        Assert.True(said.ExitCode == 0, said.ToString());
        var warnings = RunEvents.Of(said, "warning").Select(warning => warning.ToString()).ToList();
        output.WriteLine(string.Join('\n', warnings));
        Assert.Contains(
            warnings,
            warning => warning.Contains("more room for it: lvextend -L +1g ", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task ABaseThatRanFullMeansThatEverythingIsReadAndItSaysSo()
    {
        using var scene = new LvmScene(output, isThin: false);
        await scene.SyncAsync("--force", "--cow-size", "16MiB");
        new RandomContent(1).WriteTo(scene.Source, 0, 30 * MiB);
        var summary = await scene.SyncAsync("--cow-size", "16MiB");
        Assert.Equal("digest", summary.Plan);
        Assert.Contains("ran full", summary.Text("plan_reason"), StringComparison.Ordinal);
        Verdict.Same(scene.Source, scene.Target);
        // It learned: what ran full before is enough now.
        new RandomContent(2).WriteTo(scene.Source, 0, 30 * MiB);
        Assert.Equal("tracked", (await scene.SyncAsync("--cow-size", "16MiB")).Plan);
        Verdict.Same(scene.Source, scene.Target);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ABaseThatSomebodyRemovedMeansThatEverythingIsReadAndItSaysSo(bool isThin)
    {
        using var scene = new LvmScene(output, isThin);
        await scene.SyncAsync("--force");
        Command.Run("lvremove", "-q", "-f", scene.Snapshots.Single());
        new RandomContent(1).WriteTo(scene.Source, MiB, 2 * MiB);
        var summary = await scene.SyncAsync();
        Assert.Equal("digest", summary.Plan);
        Assert.Contains("is not there any more", summary.Text("plan_reason"), StringComparison.Ordinal);
        Verdict.Same(scene.Source, scene.Target);
        Assert.Equal("tracked", (await scene.SyncAsync()).Plan);
    }

    /// <summary>Only few sizes of volumes have a tenth that is a whole number of extents.</summary>
    [Fact]
    public async Task TheSpaceOfASnapshotIsWholeExtentsWhateverTheVolumeIs()
    {
        using var scene = new LvmScene(output, isThin: false);
        Command.Run("lvremove", "-q", "-f", scene.Source, scene.Target);
        scene.Group.Make(LvmScene.SourceName, isThin: false, "204m");
        scene.Group.Make("copy", isThin: true, "204m");
        await scene.SyncAsync("--force");
        Assert.Single(scene.Snapshots);
    }

    /// <summary>There must be room for one snapshot; for the second, the first goes.</summary>
    [Fact]
    public async Task WhereThereIsRoomForOneSnapshotAloneTheBaseIsGivenUp()
    {
        using var scene = new LvmScene(output, isThin: false);
        var free = long.Parse(
            Command
                .Run("vgs", "--noheadings", "--units", "m", "--nosuffix", "-o", "vg_free", scene.Group.Name)
                .Split('.')[0],
            System.Globalization.CultureInfo.InvariantCulture
        );
        scene.Group.Make("rest", isThin: false, $"{free - 24}m");
        await scene.SyncAsync("--force");
        for (var cycle = 0; cycle < 2; cycle++)
        {
            new RandomContent((ulong)cycle).WriteTo(scene.Source, MiB, 2 * MiB);
            var run = await new RsyncFsProgram().RunOkAsync(scene.Line());
            Assert.Contains(
                "no room for two snapshots",
                Assert.Single(RunEvents.Of(run, "warning")).ToString(),
                StringComparison.Ordinal
            );
            Assert.Equal("digest", RunEvents.Of(run, "summary").Single().GetProperty("plan").GetString());
            Verdict.Same(scene.Source, scene.Target);
            Assert.Single(scene.Snapshots);
        }
    }

    /// <summary>LVM can not snapshot what is frozen, and leaves a volume behind when it tries.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OfAFilesystemThatIsFrozenNoSnapshotIsTakenAndNothingIsLeft(bool isThin)
    {
        using var scene = new LvmScene(output, isThin);
        Command.Run("mkfs.ext4", "-q", scene.Source);
        using var mount = new Mount(scene.Source);
        await scene.SyncAsync("--force");
        var volumes = Command.Run("lvs", "--noheadings", "-o", "name", scene.Group.Name);
        Command.Run("fsfreeze", "--freeze", mount.Path);
        try
        {
            await scene.FailAsync(7, "snapshot-create");
            Assert.Equal(volumes, Command.Run("lvs", "--noheadings", "-o", "name", scene.Group.Name));
        }
        finally
        {
            Command.Run("fsfreeze", "--unfreeze", mount.Path);
        }

        await scene.SyncAsync();
        Assert.Single(scene.Snapshots);
    }

    /// <summary>C20: a base costs writers of a classic volume a copy of each chunk, which the report says, and can be done without.</summary>
    [Fact]
    public async Task WhatABaseCostsIsSaidAndItCanBeDoneWithout()
    {
        using var scene = new LvmScene(output, isThin: false);
        await scene.SyncAsync("--force");
        new RandomContent(1).WriteTo(scene.Source, MiB, 2 * MiB);
        Assert.Equal(2 * MiB, (await scene.SyncAsync()).Number("base_copied"));
        new RandomContent(2).WriteTo(scene.Source, 5 * MiB, MiB);
        var without = await scene.SyncAsync("--no-base");
        Assert.Equal("digest", without.Plan);
        Assert.Empty(scene.Snapshots);
        Verdict.Same(scene.Source, scene.Target);
        await scene.SyncAsync();
        Assert.Equal("tracked", (await scene.SyncAsync()).Plan);
    }

    /// <summary>A volume that was made anew under the old name is copied, by its content alone, and it is said.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnotherVolumeOfTheSameNameIsCopiedAndItIsSaid(bool isThin)
    {
        using var scene = new LvmScene(output, isThin);
        await scene.SyncAsync("--force");
        Command.Run("lvremove", "-q", "-f", scene.Source);
        scene.Group.Make(LvmScene.SourceName, isThin);
        new RandomContent(1).WriteTo(scene.Source, MiB, 2 * MiB);
        var run = await new RsyncFsProgram().RunOkAsync(scene.Line());
        Assert.Contains(
            "is another volume than in the run before",
            Assert.Single(RunEvents.Of(run, "warning")).ToString(),
            StringComparison.Ordinal
        );
        Verdict.Same(scene.Source, scene.Target);
        Assert.Equal("tracked", (await scene.SyncAsync()).Plan);
    }

    [Fact]
    public async Task ASnapshotThatSomebodyRemovesMeanwhileEndsTheCycle()
    {
        using var scene = new LvmScene(output, isThin: true);
        await scene.SyncAsync("--force");
        new RandomContent(1).WriteTo(scene.Source, 0, 4 * MiB);
        var (kept, before) = (scene.Snapshots.Single(), scene.TargetHash());
        await using (var sender = LvmScene.Start(scene.Line()))
        {
            await Poll.UntilAsync(() => scene.Snapshots.Count == 2);
            sender.Signal("STOP");
            var taken = scene.Snapshots.Single(path => !string.Equals(path, kept, StringComparison.Ordinal));
            // LVM does not remove what is open; by force the device-mapper makes it one that only fails.
            if (Command.Try("lvremove", "-q", "-f", taken).ExitCode != 0)
            {
                Command.Run("dmsetup", "wipe_table", taken);
            }

            sender.Signal("CONT");
            var said = await sender.WaitAsync();
            output.WriteLine(said.ToString());
            Assert.Equal(7, said.ExitCode);
        }

        Assert.Equal(before, scene.TargetHash());
        await scene.SyncAsync();
        Verdict.Same(scene.Source, scene.Target);
    }

    [Fact]
    public async Task AVolumeThatGrewIsRefusedUntilTheTargetHasGrown()
    {
        using var scene = new LvmScene(output, isThin: true);
        await scene.SyncAsync("--force");
        Command.Run("lvextend", "-q", "-L", "+16m", $"{scene.Group.Name}/{LvmScene.SourceName}");
        await scene.FailAsync(8, "size-mismatch");
        Assert.Single(scene.Snapshots);
    }

    [Fact]
    public async Task AVolumeThatIsNotActiveIsNotThere()
    {
        using var scene = new LvmScene(output, isThin: true);
        Command.Run("lvchange", "-q", "-an", $"{scene.Group.Name}/{LvmScene.SourceName}");
        await scene.FailAsync(7, "source-missing", "--force");
    }

    /// <summary>A pool that is nearly full gets no snapshot on top.</summary>
    [Fact]
    public async Task OfAPoolThatIsFullNoSnapshotIsTaken()
    {
        using var scene = new LvmScene(output, isThin: true);
        await scene.SyncAsync("--force");
        var filler = scene.Group.Make("filler", isThin: true, size: "500m");
        Command.Try(
            "dd",
            "if=/dev/urandom",
            $"of={filler}",
            "bs=1M",
            "count=496",
            "oflag=direct",
            "status=none"
        );
        await scene.FailAsync(7, "snapshot-create");
        Assert.Single(scene.Snapshots);
        Command.Run("lvremove", "-q", "-f", filler);
        await scene.SyncAsync();
        Verdict.Same(scene.Source, scene.Target);
    }

    [Fact]
    public async Task AGroupWithoutRoomForAClassicSnapshotSaysWhatIsMissing()
    {
        using var scene = new LvmScene(output, isThin: false);
        Command.Run("lvcreate", "-q", "-y", "-Wn", "-l", "100%FREE", "-n", "rest", scene.Group.Name);
        await scene.FailAsync(7, "snapshot-create", "--force");
        Assert.Empty(scene.Snapshots);
    }

    /// <summary>Whoever holds the pool's metadata keeps it; nothing is waited for.</summary>
    [Fact]
    public async Task AMetadataSnapshotOfSomebodyElseStays()
    {
        using var scene = new LvmScene(output, isThin: true);
        await scene.SyncAsync("--force");
        new RandomContent(1).WriteTo(scene.Source, MiB, MiB);
        var pool = scene.Group.MappedName("pool") + "-tpool";
        Command.Run("dmsetup", "message", pool, "0", "reserve_metadata_snap");
        var summary = await scene.SyncAsync();
        Assert.Equal("digest", summary.Plan);
        Assert.Contains("another program holds", summary.Text("plan_reason"), StringComparison.Ordinal);
        Command.Run("dmsetup", "message", pool, "0", "release_metadata_snap");
        Assert.Equal("tracked", (await scene.SyncAsync()).Plan);
        Verdict.Same(scene.Source, scene.Target);
    }

    /// <summary>LVM would resume it unasked when a snapshot of it is removed, and leave its metadata broken.</summary>
    [Fact]
    public async Task NothingIsRemovedOfAVolumeThatIsSuspended()
    {
        using var scene = new LvmScene(output, isThin: false);
        await scene.SyncAsync("--force");
        var mapped = scene.Group.MappedName(LvmScene.SourceName);
        await using (var sender = LvmScene.Start(scene.Line()))
        {
            await Poll.UntilAsync(() => scene.Snapshots.Count == 2);
            sender.Signal("STOP");
            Command.Run("dmsetup", "suspend", mapped);
            sender.Signal("CONT");
            var said = await sender.WaitAsync();
            Assert.Equal(0, said.ExitCode);
            Assert.Contains(
                "is suspended",
                Assert.Single(RunEvents.Of(said, "warning")).ToString(),
                StringComparison.Ordinal
            );
            Assert.Equal(2, scene.Snapshots.Count);
            Command.Run("dmsetup", "resume", mapped);
        }

        await scene.SyncAsync();
        Assert.Single(scene.Snapshots);
        Verdict.Same(scene.Source, scene.Target);
    }

    /// <summary>What lvcreate does to a suspended thin volume breaks its pool.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OfAVolumeThatIsSuspendedNoSnapshotIsTaken(bool isThin)
    {
        using var scene = new LvmScene(output, isThin);
        await scene.SyncAsync("--force");
        var mapped = scene.Group.MappedName(LvmScene.SourceName);
        Command.Run("dmsetup", "suspend", mapped);
        try
        {
            await scene.FailAsync(7, "snapshot-create");
        }
        finally
        {
            Command.Run("dmsetup", "resume", mapped);
        }

        await scene.SyncAsync();
        Assert.Single(scene.Snapshots);
        Verdict.Same(scene.Source, scene.Target);
    }
}
