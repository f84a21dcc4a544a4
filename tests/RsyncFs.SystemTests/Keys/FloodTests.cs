using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Keys;

/// <summary>Many that connect and say nothing, or hardly anything: who is at work goes on, and who comes gets in.</summary>
public sealed class FloodTests(ITestOutputHelper output)
{
    private const int ConnectionCount = 1000;

    // What src/RsyncFs.Cli/Engine/ReceptionLimits.cs allows: those that wait, and lines of a kind in a minute.
    private const int MaxWaiting = 512;
    private const int MaxLoggedPerMinute = 10;

    // All that have a place may have been turned away just now, and not be closed yet; and the honest one has some.
    private const int OtherDescriptors = 128;

    private const long MaxGrowth = 64 * 1024 * 1024;

    // Of thousands of connections a second that are closed at once garbage is left, and not collected at once.
    private const long MaxGrowthWithGarbage = 192 * 1024 * 1024;

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(0, true)]
    public async Task AThousandConnectionsDisturbNobody(int bytesSaid, bool trickles)
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        await scene.SyncAsync();
        await using var sender = await scene.StopHalfWayAsync();

        var before = PeakMemory.Read(scene.Receiver.Id)!.Value;
        await using var flood = new Flood(scene.Port, ConnectionCount, bytesSaid, trickles);
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
            $"{grown / 1024} KiB more at the peak, {grown / ConnectionCount} bytes for each; they came {flood.ConnectionCount} times, and {flood.TrickledByteCount} bytes trickled"
        );
        Assert.True(flood.ConnectionCount > ConnectionCount, "nobody came back");
        Assert.Equal(trickles, flood.TrickledByteCount > 0);
        Assert.True(grown < MaxGrowth, $"{grown} bytes");
    }

    /// <summary>They could hold all places and all room to wait, if it were not for where they come from.</summary>
    [Fact]
    public async Task AFloodFromManyAddressesKeepsNobodyOut()
    {
        const int Runs = 4;
        await using var scene = new KeyScene();
        await scene.PairAsync();
        var begun = TimeProvider.System.GetTimestamp();
        await scene.ServeAsync();
        await scene.SyncAsync();
        var memory = PeakMemory.Read(scene.Receiver.Id)!.Value;
        var descriptors = CountDescriptors(scene);
        await using var flood = new WideFlood(scene.Port);
        flood.Begin();
        var most = 0;
        for (var run = 0; run < Runs; run++)
        {
            // Whoever came first of them has come back by then.
            var enough = flood.ConnectionCount + (WideFlood.AddressCount * 8);
            await Poll.UntilAsync(() =>
            {
                most = Math.Max(most, CountDescriptors(scene));
                return flood.ConnectionCount >= enough;
            });
            new RandomContent(10 + (ulong)run).WriteTo(scene.Source, 0, 65536);
            var started = TimeProvider.System.GetTimestamp();
            var honest = scene.SyncAsync();
            await Poll.UntilAsync(() =>
            {
                most = Math.Max(most, CountDescriptors(scene));
                return honest.IsCompleted;
            });
            await honest;
            output.WriteLine($"an honest run took {TimeProvider.System.GetElapsedTime(started)}");
            Verdict.Same(scene.Source, scene.Target);
        }

        await flood.EndAsync();
        var took = TimeProvider.System.GetElapsedTime(begun);
        var grown = PeakMemory.Read(scene.Receiver.Id)!.Value - memory;
        var logged = scene
            .Receiver.ErrorSoFar.Split('\n')
            .Count(line => line.StartsWith("rsyncfs: error:", StringComparison.Ordinal));
        output.WriteLine(
            $"{flood.ConnectionCount} connections in {took}: {most - descriptors} descriptors and {grown / 1024} KiB more at the peak, {logged} errors logged"
        );
        Assert.InRange(most - descriptors, MaxWaiting / 2, MaxWaiting + OtherDescriptors);
        Assert.True(grown < MaxGrowthWithGarbage, $"{grown} bytes");
        // The number of those that were not logged is a line, too.
        Assert.InRange(logged, 1, (MaxLoggedPerMinute + 1) * (1 + (int)took.TotalMinutes));
    }

    private static int CountDescriptors(KeyScene scene) =>
        Directory.EnumerateFileSystemEntries($"/proc/{scene.Receiver.Id}/fd").Count();
}
