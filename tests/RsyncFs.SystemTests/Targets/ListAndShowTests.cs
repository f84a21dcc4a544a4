using RsyncFs.SystemTests.Fixtures;
using Xunit;
using static RsyncFs.SystemTests.Targets.TargetScene;

namespace RsyncFs.SystemTests.Targets;

public sealed class ListAndShowTests(ITestOutputHelper output)
{
    [Fact]
    public async Task TargetsAreListedWhetherServedOrNot()
    {
        await using var scene = new TargetScene();
        using var directory = new TemporaryDirectory();
        await scene.CopyAsync(isServed: true);
        var image = directory.At("local.img");
        Command.Run("truncate", "--size", $"{Size}", image);
        Assert.Equal(0, (await scene.SyncAsync(scene.Source.Path, image, scene.State)).ExitCode);

        foreach (var isServed in (bool[])[true, false])
        {
            var targets = (await scene.RunAsync("list")).GetProperty("targets").EnumerateArray().ToList();
            Assert.Equal(["db01", image], targets.Select(target => Text(target, "name")));
            Assert.Equal(
                [isServed, false],
                targets.Select(target => target.GetProperty("served").GetBoolean())
            );
            Assert.Equal([false, true], targets.Select(target => target.GetProperty("local").GetBoolean()));
            Assert.All(targets, target => Assert.Equal("consistent", Text(target, "status")));
            Assert.Equal([scene.Target.Path, image], targets.Select(target => Text(target, "device")));
            if (isServed)
            {
                await scene.Replication.StopAsync();
            }
        }

        var table = await scene.TryAsync("list");
        output.WriteLine(table.Output);
        Assert.Matches(
            @"^TARGET +STATE +GENERATION +DATA-AGE +EPOCH +DEVICE\ndb01 +consistent +g[0-9a-f]{8} ",
            table.Output
        );
    }

    [Fact]
    public async Task NothingIsListedAndMadeWhereNothingIs()
    {
        await using var scene = new TargetScene();
        var result = await scene.TryAsync("list");
        Assert.Equal(
            (0, "", $"rsyncfs: no targets in {scene.State}\n"),
            (result.ExitCode, result.Output, result.Error)
        );
        Assert.False(Directory.Exists(scene.State));
        await scene.RefusedAsync(6, "target-unknown", "show", "db01");
        await scene.RefusedAsync(6, "target-unknown", "show", "/no/such/image");
    }

    /// <summary>Who writes the record anew is who notes the device there.</summary>
    [Fact]
    public async Task ADamagedRecordOfADeviceNamesWhoWritesItAnew()
    {
        await using var scene = new TargetScene();
        using var directory = new TemporaryDirectory();
        await scene.CopyAsync(isServed: false);
        var image = directory.At("local.img");
        Command.Run("truncate", "--size", $"{Size}", image);
        var sender = scene.Replication.SenderState;
        Assert.Equal(0, (await scene.SyncAsync(scene.Source.Path, image, sender)).ExitCode);
        (string Folder, string State, string Hint)[] records =
        [
            ("sources", sender, "remove it: the next 'rsyncfs sync' writes it anew"),
            ("local", sender, "remove it: the next 'rsyncfs sync' writes it anew"),
            ("targets", scene.State, $"remove it: 'rsyncfs serve --state {scene.State}' writes it anew"),
        ];
        foreach (var (folder, state, hint) in records)
        {
            var record = Path.Combine(
                Assert.Single(Directory.GetDirectories(Path.Combine(state, folder))),
                "device"
            );
            File.WriteAllText(record, new string('x', 100));
            var refused = folder is "targets"
                ? await scene.TryAsync("promote", "db01")
                : await scene.SyncAsync(scene.Source.Path, image, sender);
            output.WriteLine(refused.ToString());
            Assert.Contains("[state-damaged]", refused.Error, StringComparison.Ordinal);
            Assert.Contains(hint, refused.Error, StringComparison.Ordinal);
            File.Delete(record);
            if (folder is not "targets")
            {
                Assert.Equal(0, (await scene.SyncAsync(scene.Source.Path, image, sender)).ExitCode);
                Assert.True(File.Exists(record));
            }
        }
    }

    [Fact]
    public async Task ATargetThatWasNeverInitialisedIsShownWhileItIsServed()
    {
        await using var scene = new TargetScene();
        await scene.Replication.ServeAsync();
        Assert.Equal("empty", await scene.StatusAsync());
        await scene.Replication.StopAsync();
        await scene.RefusedAsync(6, "target-unknown", "show", "db01");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ShowTellsAllAndChangesNothing(bool isServed)
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed);
        var before = scene.Witness();
        var show = await scene.RunAsync("show", "db01");
        output.WriteLine((await scene.TryAsync("show", "db01")).Output);
        Assert.Equal(before, scene.Witness());
        Assert.Equal(Size, show.GetProperty("size").GetInt64());
        Assert.Equal(BlockBytes, show.GetProperty("volume").GetProperty("block_size").GetInt32());
        var generation = Text(show.GetProperty("target"), "generation");
        Assert.Equal(generation, Text(show, "map_generation"));
        Assert.Contains(scene.Target.BackingFile, Text(show, "device_id"), StringComparison.Ordinal);

        new RandomContent(2).WriteTo(scene.Source.Path, 0, MiB);
        if (!isServed)
        {
            await scene.Replication.ServeAsync();
        }

        await scene.Replication.SyncAsync();
        show = await scene.RunAsync("show", "db01");
        Assert.Equal(generation, Text(show, "parent"));
        Assert.NotEqual(generation, Text(show.GetProperty("target"), "generation"));
    }

    [Fact]
    public async Task ShowWorksOnTheFilesWhileAnotherProcessHoldsTheLock()
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed: true);
        string[] elsewhere = ["--socket", Path.Combine(scene.State, "other.sock")];
        var show = await scene.RunAsync(["show", "db01", .. elsewhere]);
        Assert.False(show.GetProperty("target").GetProperty("served").GetBoolean());
        Assert.Equal("consistent", Text(show.GetProperty("target"), "status"));

        var locked = await scene.RefusedAsync(11, "locked", ["promote", "db01", .. elsewhere]);
        Assert.Contains($"process {scene.Replication.Receiver.Id}", locked.Error, StringComparison.Ordinal);
        Assert.Contains("--socket", locked.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADuplicateUuidOnThisMachineIsWarnedOfAndTheGuardsArePrinted()
    {
        await using var scene = new TargetScene();
        Command.Run("mkfs.ext4", "-q", scene.Source.Path);
        await scene.CopyAsItIsAsync(isServed: true);
        var show = await scene.TryAsync("show", "db01");
        output.WriteLine(show.Output);
        Assert.Contains("content     ext4 (UUID ", show.Output, StringComparison.Ordinal);
        Assert.Contains(
            $"WARNING     {scene.Source.Path} on this machine bears the same identity",
            show.Output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            $"ATTR{{loop/backing_file}}==\"{scene.Target.BackingFile}\"",
            show.Output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            $"global_filter = [ \"r|^{scene.Target.Path}$|\"",
            show.Output,
            StringComparison.Ordinal
        );
        Assert.Contains("AUTO -all", show.Output, StringComparison.Ordinal);

        // Another file system is no duplicate.
        Command.Run("mkfs.ext4", "-q", "-F", scene.Source.Path);
        var guards = (await scene.RunAsync("show", "db01")).GetProperty("guards");
        Assert.Empty(guards.GetProperty("duplicates").EnumerateArray());
    }

    [Fact]
    public async Task AStateThatCanNotBeReadIsLoudAndDoesNotHideTheOthers()
    {
        await using var scene = new TargetScene();
        using var other = new LoopDevice(Size);
        await scene.CopyAsync(isServed: false);
        await scene.RunAsync("adopt", $"web={other.Path}");
        DeviceBytes.Write(Path.Combine(scene.State, "targets", "db01", "state"), 0, new byte[512]);
        DeviceBytes.Write(Path.Combine(scene.State, "targets", "db01", "state"), MiB, new byte[512]);
        var table = (await scene.TryAsync("list")).Output;
        output.WriteLine(table);
        Assert.Contains("UNREADABLE", table, StringComparison.Ordinal);
        Assert.Contains("web     adopted", table, StringComparison.Ordinal);
        await scene.RefusedAsync(1, "state-damaged", "promote", "db01");
        Assert.Equal("unreadable", await scene.StatusAsync());
    }
}
