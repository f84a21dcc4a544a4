using RsyncFs.SystemTests.Crashes;
using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests;
using Xunit;

namespace RsyncFs.SystemTests.Network;

/// <summary>A peer that stands still for longer than it is waited for, and then goes on as if nothing had been.</summary>
public sealed class StalledProcessTests(ITestOutputHelper output)
{
    private const int MiB = 1024 * 1024;
    private const long Size = (8L * MiB) + 2560;
    private const int ChangedBlockCount = 16;

    [Fact]
    public async Task AProcessThatWasStoppedFindsItselfAloneAndTheNextRunConverges()
    {
        var random = TestSeed.NewRandom();
        var seed = random.Next();
        var stories = await Task.WhenAll(
            StopAsync(HoldPoint.Stage, stopsReceiver: true, seed),
            StopAsync(HoldPoint.CommitPoint, stopsReceiver: true, seed),
            StopAsync(HoldPoint.Apply, stopsReceiver: true, seed),
            StopAsync(HoldPoint.Scan, stopsReceiver: false, seed),
            StopAsync(HoldPoint.Propose, stopsReceiver: false, seed)
        );
        foreach (var story in stories)
        {
            output.WriteLine(story);
        }
    }

    private static async Task<string> StopAsync(HoldPoint point, bool stopsReceiver, int seed)
    {
        using var network = new NetworkPair();
        await using var scene = new CrashScene(Size, seed, network);
        await scene.ServeAsync();
        var generation = (await scene.ConvergeAsync()).Text("gen");
        scene.Images.Advance();
        scene.Images.ChangeBlocks(ChangedBlockCount);

        await using var sender = await scene.StartStoppedSenderAsync();
        var stopped = stopsReceiver ? scene.Receiver : sender;
        await using (var tracer = await point.HoldAsync(scene, stopped))
        {
            sender.Signal("CONT");
            await tracer.Reached;
            stopped.Signal("STOP");
        }

        var first = stopsReceiver ? await SenderGivesUpAsync(sender) : await ReceiverGivesUpAsync(scene);
        stopped.Signal("CONT");
        var said = await sender.WaitAsync();
        // A stop takes hold a moment later: a sender may have said its last word before, and finds its answer waiting.
        var isDone = !stopsReceiver && said.ExitCode == 0 && scene.Held == Held.New;
        Assert.True(said.ExitCode == 5 || isDone, $"{point}: {said}");
        await scene.Receiver.WaitForErrorLineAsync("session of ");
        var why = await scene.Receiver.WaitForErrorLineAsync("rsyncfs: error:");
        var held = scene.AssertWhole(generation);
        Assert.True(!point.IsBehindCommit || held == Held.New, $"{point}: the target is {held}");
        var next = await scene.ConvergeAsync();
        return $"{(stopsReceiver ? "receiver" : "sender")} stopped at {point}: {first}; receiver {why}; target {held}, next {next.Text("result")} by {next.Plan}";
    }

    private static async Task<string> SenderGivesUpAsync(RunningProgram sender)
    {
        var said = await sender.WaitAsync();
        Assert.Contains("\"stalled\"", said.Output, StringComparison.Ordinal);
        return "sender stalled";
    }

    /// <summary>While it is stopped it holds the lock on its source; a second run is told so.</summary>
    private static async Task<string> ReceiverGivesUpAsync(CrashScene scene)
    {
        var why = await scene.Receiver.WaitForErrorLineAsync("rsyncfs: error:");
        Assert.EndsWith("[stalled]", why, StringComparison.Ordinal);
        var second = await scene.SyncAsync();
        Assert.True(second.ExitCode == 11, second.ToString());
        return why;
    }
}
