using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Keys;

/// <summary>Many that connect and say nothing, or hardly anything: who is at work goes on, and who comes gets in.</summary>
public sealed class FloodTests(ITestOutputHelper output)
{
    private const int ConnectionCount = 1000;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task AThousandConnectionsDisturbNobody(int bytesSaid)
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        await scene.SyncAsync();
        await using var sender = await scene.StopHalfWayAsync();

        var before = PeakMemory.Read(scene.Receiver.Id)!.Value;
        await using var flood = new Flood(scene.Port, ConnectionCount, bytesSaid);
        await flood.BeginAsync();
        sender.Signal("CONT");
        var said = await sender.WaitAsync();
        Assert.True(said.ExitCode == 0, said.ToString());
        Verdict.Same(scene.Source, scene.Target);
        new RandomContent(4).WriteTo(scene.Source, 0, 65536);
        await scene.SyncAsync();
        Verdict.Same(scene.Source, scene.Target);
        await flood.EndAsync();
        var grown = PeakMemory.Read(scene.Receiver.Id)!.Value - before;
        output.WriteLine(
            $"{grown / 1024} KiB more at the peak, {grown / ConnectionCount} bytes for each; they came {flood.ConnectionCount} times"
        );
        Assert.True(flood.ConnectionCount > ConnectionCount, "nobody came back");
        Assert.True(grown < 64 * 1024 * 1024, $"{grown} bytes");
    }
}
