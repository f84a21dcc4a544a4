using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests;
using Xunit;

namespace RsyncFs.SystemTests.Crashes;

/// <summary>
/// SIGINT and SIGTERM to either end in every phase: it ends at once where it can and finishes what can not be lost
/// where it must, says so by its exit code, and the next run does what is left.
/// </summary>
public sealed class SignalTests(ITestOutputHelper output)
{
    private const int MiB = 1024 * 1024;
    private const long Size = (8L * MiB) + 2560;
    private const int ChangedBlockCount = 16;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task InEveryPhaseTheTargetStaysOneWholeGeneration(bool toReceiver)
    {
        var random = TestSeed.NewRandom();
        await using var scene = new CrashScene(Size, random.Next());
        await scene.ServeAsync();
        var generation = (await scene.ConvergeAsync()).Text("gen");
        foreach (var point in HoldPoint.All)
        {
            scene.Images.Advance();
            scene.Images.ChangeBlocks(ChangedBlockCount);
            var signal = random.Next(2) == 0 ? "INT" : "TERM";
            var said = await InterruptAsync(scene, point, toReceiver, signal);
            if (!toReceiver)
            {
                await scene.StopReceiverAsync();
            }

            await scene.ServeAsync();
            var held = scene.AssertWhole(generation);
            Assert.True(said.ExitCode != 0 || held == Held.New, $"success was said at {point}: {said}");
            Assert.True(!point.IsBehindCommit || held == Held.New, $"{point}: the target is {held}");
            var next = await scene.ConvergeAsync();
            Assert.True(
                next.IsUnchanged == (held == Held.New),
                $"{point}: the target was {held}, then {next}"
            );
            generation = next.Text("gen");
            output.WriteLine(
                $"{signal, -5} to the {(toReceiver ? "receiver" : "sender"), -9} at {point, -14} sender {said.ExitCode, 3}, target {held}, next {next.Text("result")} by {next.Plan}"
            );
        }
    }

    /// <summary>Holds the end at the point, signals, lets go, and waits for the end that was signalled and for the sender.</summary>
    private static async Task<ProgramResult> InterruptAsync(
        CrashScene scene,
        HoldPoint point,
        bool toReceiver,
        string signal
    )
    {
        var exitCode = signal is "INT" ? 130 : 143;
        await using var sender = await scene.StartStoppedSenderAsync();
        await using var tracer = await point.HoldAsync(scene, point.IsAtReceiver ? scene.Receiver : sender);
        sender.Signal("CONT");
        await tracer.Reached;
        (toReceiver ? scene.Receiver : sender).Signal(signal);
        if (!toReceiver && point.IsAtReceiver)
        {
            // It must not wait for a receiver that is slow.
            await sender.WaitAsync();
        }

        await tracer.LetGoAsync();
        var said = await sender.WaitAsync();
        if (toReceiver)
        {
            var receiver = await scene.ReceiverEndAsync();
            Assert.True(receiver.ExitCode == exitCode, $"{point}: the receiver ended with {receiver}");
            Assert.True(said.ExitCode is 0 or 5, $"{point}: the sender ended with {said}");
        }
        else
        {
            // So near to the end the last word may be there before the signal is dealt with; it is true then.
            var isNearEnd = point == HoldPoint.Propose || point == HoldPoint.Acknowledge;
            Assert.True(said.ExitCode == exitCode || (said.ExitCode == 0 && isNearEnd), $"{point}: {said}");
        }

        return said;
    }
}
