using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Replication;

/// <summary>A peer that is gone without a word. Takes as long as the protocol waits for one: half a minute.</summary>
public sealed class LinkDownTests(ITestOutputHelper output) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private const long Size = 32L * MiB;

    private readonly NetworkPair _network = new();
    private readonly LoopDevice _source = new(Size);
    private readonly LoopDevice _target = new(Size);

    public void Dispose()
    {
        _target.Dispose();
        _source.Dispose();
        _network.Dispose();
    }

    [Fact]
    public async Task BothEndsNoticeThatTheLinkIsDeadAndGoOnWhenItIsBack()
    {
        new RandomContent(1).WriteTo(_source.Path, 0, Size);
        _network.LimitRate(megabitsPerSecond: 80);
        await using var scene = new ReplicationScene(_source.Path, _target.Path, _network);
        await scene.ServeAsync();
        await using var sender = scene.Start();
        await Poll.UntilAsync(() => _network.BytesToReceiver > 4 * MiB);
        _network.SetLink(isUp: false);
        var started = TimeProvider.System.GetTimestamp();

        var said = await sender.WaitAsync();
        output.WriteLine($"after {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s: {said}");
        Assert.Equal(5, said.ExitCode);
        Assert.Contains("[stalled]\n", said.Error, StringComparison.Ordinal);
        await scene.Receiver.WaitForErrorLineAsync("session of ");
        var dropped = await scene.Receiver.WaitForErrorLineAsync("rsyncfs: error:");
        output.WriteLine(
            $"after {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s: {dropped}"
        );
        Assert.Matches(@"\[(stalled|connection-lost)\]$", dropped);

        _network.SetLink(isUp: true);
        output.WriteLine((await scene.SyncAsync()).ToString());
        scene.AssertSame();
    }
}
