using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests;
using Xunit;

namespace RsyncFs.SystemTests.Crashes;

/// <summary>What was durable when either end was ended is not sent again, unless the source has changed since.</summary>
public sealed class ResumeTests(ITestOutputHelper output) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private const int BlockBytes = 64 * 1024;

    // So much that a transfer can not be all on its way when the first checkpoints are durable, however slow the disk
    // is: 32 MiB of credit, what two sockets hold, and the 4 MiB that a sender reads at a time are less.
    private const long Size = (72L * MiB) + 2560;
    private const int ChangedBytes = 64 * MiB;
    private const int AcknowledgedBeforeBytes = 8 * MiB;
    private const int MegabitsPerSecond = 80;
    private const int FastMegabitsPerSecond = 1000;

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
        var shown = await scene.ShowAsync();
        if (isFirstCopy)
        {
            Assert.Equal("initializing", shown.Status);
        }
        else
        {
            Assert.Equal(Held.Old, await scene.AssertShownWholeAsync(generation));
        }

        var acknowledged = scene.AcknowledgedRecordCount;
        var foreseen = CrashScene.SummaryOf(
            await scene.SenderProgram.RunOkAsync([.. scene.SyncArguments, "--dry-run"])
        );
        Assert.Equal(acknowledged, foreseen.Number("arrived_records"));
        var before = _network.BytesToReceiver;
        var next = await scene.ConvergeAsync();
        var sent = _network.BytesToReceiver - before;
        output.WriteLine(
            $"{acknowledged} of {shown.ArrivedRecordCount} records known to the sender, {sent} bytes on the wire: {next}"
        );
        Assert.True(
            acknowledged <= shown.ArrivedRecordCount,
            $"the sender believes in {acknowledged} records, the target has {shown.ArrivedRecordCount}"
        );
        Assert.True(next.IsResumed, next.Text("plan_reason"));
        AssertSentOnce(sent, isFirstCopy ? Size : ChangedBytes, acknowledged);
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

    /// <summary>
    /// Nothing that the sender was told to be durable is sent again. All content is random, so each record is a whole
    /// block. The rest costs its frames and those of TCP, Ethernet included, of less than 6 in 100; the handshake, the
    /// checkpoints and what TCP sends twice are less than 1 MiB.
    /// </summary>
    private static void AssertSentOnce(long sentBytes, long changedBytes, long acknowledgedRecordCount)
    {
        var left = changedBytes - (acknowledgedRecordCount * BlockBytes);
        var most = left + (left * 6 / 100) + MiB;
        Assert.True(
            sentBytes <= most,
            $"{sentBytes} bytes were sent, and {left} were left, so {most} at most"
        );
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

    /// <summary>
    /// Ends somebody as soon as the sender knows of so much that it is durable, however long a disk takes for that.
    /// When this returns a receiver is there, no session is at work, and nothing is on the link any more.
    /// </summary>
    private async Task InterruptAsync(CrashScene scene, Victim victim, string signal)
    {
        _network.LimitRate(MegabitsPerSecond);
        await using var sender = scene.StartSender();
        await Poll.UntilAsync(() =>
            sender.HasExited || scene.AcknowledgedRecordCount * BlockBytes >= AcknowledgedBeforeBytes
        );
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
        _network.LimitRate(FastMegabitsPerSecond);
        if (victim is Victim.Sender)
        {
            await scene.Receiver.WaitForErrorLineAsync("session of ");
        }
    }
}
