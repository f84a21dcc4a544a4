using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests;
using Xunit;

namespace RsyncFs.SystemTests.Crashes;

/// <summary>
/// Devices and state directories that fail or are full while a generation is on its way. A target that is a mix says
/// that it is, nobody says success, and when the cause is mended the generation that was committed comes onto it.
/// </summary>
public sealed class FailingStorageTests(ITestOutputHelper output)
{
    private const int MiB = 1024 * 1024;
    private const long Size = 8L * MiB;
    private const int ChangedBlockCount = 16;

    private readonly int _seed = TestSeed.NewRandom().Next();

    [Fact]
    public async Task ATargetWithoutRoomIsFaultedUntilThereIsRoomAndIsThenBroughtToItsGeneration()
    {
        // As large as the device is allowed to be, and a file that takes what is left of it away.
        var room = TemporaryDirectory.OnTmpfs(Size + MiB);
        var ballast = room.At("ballast");
        var target = new LoopDevice(Size, directory: room);
        await using var scene = new CrashScene(Size, _seed, target: target);
        // The kernel tries once whether the device can write zeros, and learns that this one can not.
        Command.Run("blkdiscard", "--zeroout", "--length", "4096", target.Path);
        scene.Images.Zero(2 * MiB, 4 * MiB);
        var generation = await BeginAsync(scene);
        Command.Run("fallocate", "--dig-holes", target.BackingFile);
        Fill(ballast);

        scene.Images.Advance();
        scene.Images.ChangeBlocks(ChangedBlockCount);
        scene.Images.Fill(2 * MiB, 4 * MiB);
        await AssertFaultedAsync(scene, await scene.SyncAsync(), "target-faulted");
        await AssertFaultedAsync(scene, await scene.SyncAsync(), "target-faulted");
        await scene.StopReceiverAsync();
        await scene.ServeAsync();
        await AssertFaultedAsync(scene, await scene.SyncAsync(), "target-faulted");

        File.Delete(ballast);
        await AssertRollsForwardAsync(scene, generation);
    }

    /// <summary>The kernel counts such a request twice: once as it fails, and once as it is made of ordinary writes.</summary>
    [Fact]
    public async Task ADeviceThatCanNotWriteZerosIsNotTakenForOneThatSomebodyElseWrites()
    {
        var target = new LoopDevice(Size, directory: TemporaryDirectory.OnTmpfs(4 * Size));
        await using var scene = new CrashScene(Size, _seed, target: target);
        var generation = await BeginAsync(scene);
        scene.Images.Advance();
        scene.Images.Zero(2 * MiB, 2 * MiB);
        output.WriteLine((await scene.ConvergeAsync()).ToString());
        Assert.Equal(Held.New, await scene.AssertShownWholeAsync(generation));
    }

    [Fact]
    public async Task ATargetThatCanNotBeWrittenIsFaultedUntilItCan()
    {
        using var disk = await FaultyDisk.MakeAsync(Size);
        await using var scene = new CrashScene(Size, _seed, target: disk.Device);
        var generation = await BeginAsync(scene);
        scene.Images.Advance();
        scene.Images.ChangeBlocks(ChangedBlockCount);

        await using var sender = scene.StartSender();
        await using (var tracer = await HoldPoint.Apply.HoldAsync(scene, scene.Receiver))
        {
            await tracer.Reached;
            // The writes before the held one are under way at the same time: one must have arrived.
            await Poll.UntilAsync(() => scene.Held == Held.Mix);
            disk.FailWrites(true);
            await tracer.LetGoAsync();
            await AssertFaultedAsync(scene, await sender.WaitAsync(), "target-faulted");
        }

        await AssertFaultedAsync(scene, await scene.SyncAsync(), "target-faulted");
        disk.FailWrites(false);
        await AssertRollsForwardAsync(scene, generation);
    }

    [Fact]
    public async Task ATargetThatCanNotBeReadStaysAtItsGeneration()
    {
        using var disk = await FaultyDisk.MakeAsync(Size);
        await using var scene = new CrashScene(Size, _seed, target: disk.Device);
        var generation = await BeginAsync(scene);
        scene.Images.Advance();
        scene.Images.ChangeBlocks(ChangedBlockCount);

        disk.FailReads(true);
        AssertFails(await scene.SyncAsync(), 8, "target-io");
        disk.FailReads(false);
        Assert.Equal(Held.Old, await scene.AssertShownWholeAsync(generation));
        output.WriteLine((await scene.ConvergeAsync()).ToString());
    }

    [Fact]
    public async Task AStateDirectoryWithoutRoomForTheJournalLeavesTheTargetAtItsGeneration()
    {
        using var room = TemporaryDirectory.OnTmpfs(3 * MiB);
        await using var scene = new CrashScene(Size, _seed) { ServeOptions = ["--keep-free", "1KiB"] };
        Directory.CreateSymbolicLink(scene.ReceiverState, room.Path);
        var generation = await BeginAsync(scene);
        scene.Images.Advance();
        scene.Images.Fill(MiB, 4 * MiB);

        var said = await scene.SyncAsync();
        AssertFails(said, 8, "journal-full");
        Assert.Matches(@"more than \d", said.Output);
        Assert.Equal(Held.Old, await scene.AssertShownWholeAsync(generation));
        AssertFails(await scene.SyncAsync(), 8, "journal-full");

        Command.Run("mount", "-o", "remount,size=64m", room.Path);
        output.WriteLine((await scene.ConvergeAsync()).ToString());
        await scene.StopReceiverAsync();
    }

    [Fact]
    public async Task AStateDirectoryThatFillsUpMeanwhileLeavesTheTargetAtItsGeneration()
    {
        using var room = TemporaryDirectory.OnTmpfs(32 * MiB);
        await using var scene = new CrashScene(Size, _seed) { ServeOptions = ["--keep-free", "1KiB"] };
        Directory.CreateSymbolicLink(scene.ReceiverState, room.Path);
        var generation = await BeginAsync(scene);
        scene.Images.Advance();
        scene.Images.Fill(MiB, 4 * MiB);

        await using var sender = scene.StartSender();
        await using (var tracer = await HoldPoint.Stage.HoldAsync(scene, scene.Receiver))
        {
            await tracer.Reached;
            Fill(room.At("ballast"));
            await tracer.LetGoAsync();
            AssertFails(await sender.WaitAsync(), 1, "state-full");
        }

        Assert.Equal(Held.Old, await scene.AssertShownWholeAsync(generation));
        File.Delete(room.At("ballast"));
        output.WriteLine((await scene.ConvergeAsync()).ToString());
        await scene.StopReceiverAsync();
    }

    [Fact]
    public async Task ADeltaThatIsWrittenInPlaceIsMarkedBeforeItsFirstWriteAndComparedAfterAKill()
    {
        await using var scene = new CrashScene(Size, _seed)
        {
            ServeOptions = ["--journal-limit", "128KiB", "--apply", "direct"],
        };
        var generation = await BeginAsync(scene);
        scene.Images.Advance();
        scene.Images.ChangeBlocks(64);
        AssertFails(await scene.SyncAsync(), 8, "journal-full");
        Assert.Equal(Held.Old, await scene.AssertShownWholeAsync(generation));

        await using (
            var tracer = await CallTracer.InjectAsync(
                scene.Receiver.Id,
                [scene.Target.Path],
                ["pwrite64"],
                at: 3,
                "kill"
            )
        )
        {
            AssertFails(await scene.SyncAsync(), 5, "connection-lost");
        }

        await scene.ReceiverEndAsync();
        Assert.Equal(Held.Mix, scene.Held);
        var shown = await scene.ShowAsync();
        Assert.True(shown is { Status: "direct", IsInconsistent: true }, shown.ToString());
        await scene.ServeAsync();
        shown = await scene.ShowAsync();
        Assert.True(shown is { Status: "direct", IsInconsistent: true }, shown.ToString());
        var next = await scene.ConvergeAsync();
        output.WriteLine(next.ToString());
        Assert.Equal("compare", next.Plan);
        await scene.AssertShownWholeAsync(generation);
    }

    private static async Task<string> BeginAsync(CrashScene scene)
    {
        await scene.ServeAsync();
        return (await scene.ConvergeAsync()).Text("gen");
    }

    /// <summary>Takes all the room that is left.</summary>
    private static void Fill(string path) =>
        Command.Try("dd", "if=/dev/zero", $"of={path}", "bs=4096", "status=none");

    private void AssertFails(ProgramResult said, int exitCode, string id)
    {
        Assert.True(said.ExitCode == exitCode, said.ToString());
        var error = RunEvents.Of(said, "error")[^1];
        output.WriteLine(error.ToString());
        Assert.Equal(id, error.GetProperty("id").GetString());
    }

    private async Task AssertFaultedAsync(CrashScene scene, ProgramResult said, string id)
    {
        AssertFails(said, 8, id);
        var shown = await scene.ShowAsync();
        Assert.True(shown is { Status: "faulted", IsInconsistent: true }, shown.ToString());
        Assert.Equal(Held.Mix, scene.Held);
    }

    /// <summary>A receiver that is started anew needs no sender for what was committed.</summary>
    private async Task AssertRollsForwardAsync(CrashScene scene, string generation)
    {
        await scene.StopReceiverAsync();
        await scene.ServeAsync();
        Assert.Equal(Held.New, await scene.AssertShownWholeAsync(generation));
        var next = await scene.ConvergeAsync();
        output.WriteLine(next.ToString());
        Assert.True(next.IsUnchanged);
    }
}
