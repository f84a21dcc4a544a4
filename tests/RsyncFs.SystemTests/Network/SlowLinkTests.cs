using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests;
using Xunit;

namespace RsyncFs.SystemTests.Network;

/// <summary>A link that is slow is not a dead one; and when it is cut after all, what came over it is not sent again.</summary>
public sealed class SlowLinkTests(ITestOutputHelper output) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private const long Size = 16L * MiB;
    private const int ChangedBytes = 12 * MiB;
    private const int SlowMegabitsPerSecond = 2;
    private const int FasterMegabitsPerSecond = 8;
    private const int FastMegabitsPerSecond = 1000;

    private readonly NetworkPair _network = new();

    public void Dispose() => _network.Dispose();

    [Fact]
    public async Task ATransferOverASlowLinkIsCutAndGoneOnWith()
    {
        await using var scene = new CrashScene(Size, TestSeed.NewRandom().Next(), _network)
        {
            SyncOptions = ["--checkpoint-every", "1MiB"],
        };
        await scene.ServeAsync();
        var generation = (await scene.ConvergeAsync()).Text("gen");
        scene.Images.Advance();
        scene.Images.Fill(MiB, ChangedBytes);

        _network.LimitRate(SlowMegabitsPerSecond);
        var before = _network.BytesToReceiver;
        await using var sender = scene.StartSender();
        await Poll.UntilAsync(() => _network.BytesToReceiver - before > MiB);
        _network.LimitRate(FasterMegabitsPerSecond);
        // Something is durable, and the sender knows; how long a disk takes for that does not matter.
        await Poll.UntilAsync(() => sender.HasExited || scene.AcknowledgedRecordCount > 0);
        _network.SetLink(isUp: false);
        var said = await sender.WaitAsync();
        Assert.True(said.ExitCode == 5, said.ToString());
        await scene.Receiver.WaitForErrorLineAsync("session of ");
        Assert.Equal(Held.Old, await scene.AssertShownWholeAsync(generation));
        Assert.True((await scene.ShowAsync()).ArrivedRecordCount >= scene.AcknowledgedRecordCount);

        _network.SetLink(isUp: true);
        _network.LimitRate(FastMegabitsPerSecond);
        var next = await scene.ConvergeAsync();
        output.WriteLine(next.ToString());
        Assert.True(next.IsResumed);
    }
}
