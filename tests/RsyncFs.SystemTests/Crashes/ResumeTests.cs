using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests;
using Xunit;

namespace RsyncFs.SystemTests.Crashes;

/// <summary>What was durable when either end was ended is not sent again, unless the source has changed since.</summary>
public sealed class ResumeTests(ITestOutputHelper output) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private const long Size = (32L * MiB) + 2560;
    private const int ChangedBytes = 28 * MiB;
    private const int MegabitsPerSecond = 240;

    // What was on its way, and what lies behind the last checkpoint, is sent again: a sender reads 4 MiB at a time.
    private const int SentBeforeBytes = 20 * MiB;
    private const int SentAgainAtMostBytes = 25 * MiB;

    private readonly NetworkPair _network = new();

    public void Dispose() => _network.Dispose();

    [Theory]
    [InlineData(Victim.Sender, "KILL", false)]
    [InlineData(Victim.Sender, "INT", true)]
    [InlineData(Victim.Receiver, "KILL", true)]
    [InlineData(Victim.Receiver, "TERM", false)]
    [InlineData(Victim.Both, "KILL", false)]
    public async Task TheNextRunGoesOnWhereTheOtherEnded(Victim victim, string signal, bool isFirstCopy)
    {
        await using var scene = NewScene();
        var generation = await BeginAsync(scene, isFirstCopy);
        await InterruptAsync(scene, victim, signal);
        if (isFirstCopy)
        {
            Assert.Equal("initializing", (await scene.ShowAsync()).Status);
        }
        else
        {
            Assert.Equal(Held.Old, await scene.AssertShownWholeAsync(generation));
        }

        var before = _network.BytesToReceiver;
        var next = await scene.ConvergeAsync();
        var sent = _network.BytesToReceiver - before;
        output.WriteLine($"{sent} bytes on the wire: {next}");
        Assert.True(next.IsResumed, next.Text("plan_reason"));
        Assert.True(sent < SentAgainAtMostBytes, $"{sent} bytes were sent again");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ASourceThatHasChangedIsNotGoneOnWith(bool isFirstCopy)
    {
        await using var scene = NewScene();
        await BeginAsync(scene, isFirstCopy);
        await InterruptAsync(scene, Victim.Sender, "KILL");
        scene.Images.ChangeBlocks(4);
        var next = await scene.ConvergeAsync();
        output.WriteLine(next.ToString());
        Assert.False(next.IsResumed);
    }

    private CrashScene NewScene() =>
        new(Size, TestSeed.NewRandom().Next(), _network) { SyncOptions = ["--checkpoint-every", "1MiB"] };

    private static async Task<string> BeginAsync(CrashScene scene, bool isFirstCopy)
    {
        await scene.ServeAsync();
        if (isFirstCopy)
        {
            return "";
        }

        var generation = (await scene.ConvergeAsync()).Text("gen");
        scene.Images.Advance();
        scene.Images.Fill(MiB, ChangedBytes);
        return generation;
    }

    /// <summary>Ends somebody in the middle of the transfer; when this returns a receiver is there again.</summary>
    private async Task InterruptAsync(CrashScene scene, Victim victim, string signal)
    {
        _network.LimitRate(MegabitsPerSecond);
        var before = _network.BytesToReceiver;
        await using var sender = scene.StartSender();
        await Poll.UntilAsync(() => sender.HasExited || _network.BytesToReceiver - before > SentBeforeBytes);
        if (victim is not Victim.Receiver)
        {
            sender.Signal(signal);
        }

        if (victim is not Victim.Sender)
        {
            scene.Receiver.Signal(signal);
            await scene.ReceiverEndAsync();
            await scene.ServeAsync();
        }

        var said = await sender.WaitAsync();
        Assert.True(said.ExitCode is 5 or 130 or 137, said.ToString());
    }
}
