using System.Net;
using System.Net.Sockets;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Keys;

/// <summary>Many that connect and say nothing, or hardly anything: who is at work goes on, and who comes gets in.</summary>
public sealed class FloodTests(ITestOutputHelper output)
{
    private const int ConnectionCount = 1000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

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
        var strangers = new List<Socket>();
        try
        {
            // From another address: whoever connects that often is in its own way.
            for (var i = 0; i < ConnectionCount; i++)
            {
                var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                strangers.Add(stranger);
                stranger.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
                await stranger.ConnectAsync(IPAddress.Loopback, scene.Port, Token);
                if (bytesSaid > 0)
                {
                    await SendAsync(stranger);
                }
            }

            sender.Signal("CONT");
            var said = await sender.WaitAsync();
            Assert.True(said.ExitCode == 0, said.ToString());
            Verdict.Same(scene.Source, scene.Target);
            new RandomContent(4).WriteTo(scene.Source, 0, 65536);
            await scene.SyncAsync();
            Verdict.Same(scene.Source, scene.Target);

            // One deadline for all of them.
            foreach (var stranger in strangers)
            {
                await EndAsync(stranger);
            }
        }
        finally
        {
            strangers.ForEach(stranger => stranger.Dispose());
        }

        var grown = PeakMemory.Read(scene.Receiver.Id)!.Value - before;
        output.WriteLine($"{grown / 1024} KiB more at the peak, {grown / ConnectionCount} bytes for each");
        Assert.True(grown < 64 * 1024 * 1024, $"{grown} bytes");
    }

    private static async Task SendAsync(Socket stranger)
    {
        try
        {
            await stranger.SendAsync(new byte[] { 0x16 }, Token);
        }
        catch (SocketException)
        {
            // Too many of them wait already: it was closed.
        }
    }

    private static async Task EndAsync(Socket stranger)
    {
        var byteOrNone = new byte[64];
        try
        {
            while (await stranger.ReceiveAsync(byteOrNone, Token) > 0)
            {
                // It may be told something before.
            }
        }
        catch (SocketException)
        {
            // Cut.
        }
    }
}
