using System.Globalization;
using RsyncFs.SystemTests.Fixtures;
using RsyncFs.SystemTests.Keys;
using Xunit;

namespace RsyncFs.SystemTests.Jobs;

/// <summary>A loop whose cycles go over one connection; and what becomes of it in between.</summary>
public sealed class KeptLinkTests(ITestOutputHelper output) : IAsyncDisposable
{
    private const int Terminated = 143;

    private readonly KeyScene _scene = new();
    private RunningProgram? _loop;

    public async ValueTask DisposeAsync()
    {
        if (_loop is not null)
        {
            await _loop.DisposeAsync();
        }

        await _scene.DisposeAsync();
    }

    [Fact]
    public async Task ManyCyclesGoOverOneConnection()
    {
        await PairAndServeAsync();
        await using var wire = new Wiretap(_scene.Port);
        await LoopAsync(wire.Port, "200ms");
        for (var change = 1; change <= 4; change++)
        {
            await Poll.UntilAsync(AreSame);
            new RandomContent((ulong)change).WriteTo(_scene.Source, 0, 65536);
        }

        await Poll.UntilAsync(AreSame);
        Assert.Equal(1, wire.ConnectionCount);
        await StopLoopAsync();
    }

    [Fact]
    public async Task AReceiverThatWasStartedAnewIsReachedWithoutAFailure()
    {
        await PairAndServeAsync();
        await LoopAsync(_scene.Port, "4m");
        await Poll.UntilAsync(AreSame);
        _scene.Receiver.Signal("KILL");
        await _scene.Receiver.WaitAsync();
        await _scene.Receiver.DisposeAsync();
        await _scene.ServeAsync();
        Assert.Equal(0, await CycleAsync());
        Assert.True(AreSame(), "the change did not arrive");
        var said = await StopLoopAsync();
        Assert.DoesNotContain("error", said, StringComparison.Ordinal);
    }

    /// <summary>Nothing is at work on the target between two cycles: it is the receiver's, and a loop that is fenced is told so.</summary>
    [Fact]
    public async Task ATargetIsPromotedBetweenTwoCyclesAndTheLoopIsFenced()
    {
        await PairAndServeAsync();
        await LoopAsync(_scene.Port, "4m");
        await Poll.UntilAsync(AreSame);
        await CycleAsync();
        await KeyScene.Program.RunOkAsync("target", "promote", "db01", "--state", _scene.ReceiverState);
        Assert.Equal(9, await CycleAsync());
    }

    [Fact]
    public async Task WhoIsNotKnownAnyMoreHasNoConnectionEither()
    {
        await PairAndServeAsync();
        await LoopAsync(_scene.Port, "4m");
        await Poll.UntilAsync(AreSame);
        await CycleAsync();
        await _scene.PeerAsync("remove", "web1");
        Assert.Equal(6, await CycleAsync());
        await _loop!.WaitForErrorLineAsync("[key-unknown]");
    }

    [Fact]
    public async Task AReceiverEndsThoughAConnectionIsKeptAndDoesNotCallThatAFailure()
    {
        await PairAndServeAsync();
        await LoopAsync(_scene.Port, "4m");
        await Poll.UntilAsync(AreSame);
        await CycleAsync();
        var ended = await _scene.Receiver.StopAsync();
        output.WriteLine(ended.ToString());
        Assert.Equal(Terminated, ended.ExitCode);
        Assert.DoesNotContain("error", ended.Error, StringComparison.Ordinal);
    }

    private async Task PairAndServeAsync()
    {
        await _scene.PairAsync();
        await _scene.ServeAsync();
    }

    private async Task LoopAsync(int port, string interval)
    {
        // Under its address, whatever the port.
        var config = Path.Combine(_scene.SenderState, "rsyncfs.yaml");
        await File.WriteAllTextAsync(
            config,
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""
                version: 1
                state: {{_scene.SenderState}}
                receivers: { far: { url: "rsyncfs://127.0.0.1:{{port}}" } }
                defaults: { interval: {{interval}} }
                jobs: [{ name: db01, device: {{_scene.Source}}, to: [far] }]
                """
            ),
            TestContext.Current.CancellationToken
        );
        _loop = KeyScene.Program.Start("loop", "--all", "--config", config);
        await _loop.WaitForErrorLineAsync("rsyncfs: looping; jobs: 1");
    }

    /// <summary>A cycle with something to send; its exit code.</summary>
    private async Task<int> CycleAsync()
    {
        new RandomContent(99).WriteTo(_scene.Source, 65536, 65536);
        var said = await KeyScene.Program.RunAsync(
            "trigger",
            "db01",
            "--wait",
            "--config",
            Path.Combine(_scene.SenderState, "rsyncfs.yaml")
        );
        output.WriteLine(said.ToString());
        return said.ExitCode;
    }

    private async Task<string> StopLoopAsync()
    {
        var ended = await _loop!.StopAsync();
        output.WriteLine(ended.ToString());
        Assert.Equal(Terminated, ended.ExitCode);
        return ended.Error;
    }

    private bool AreSame() =>
        string.Equals(_scene.SourceHash(), _scene.TargetHash(), StringComparison.Ordinal);
}
