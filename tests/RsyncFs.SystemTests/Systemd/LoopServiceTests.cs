using RsyncFs.SystemTests.Fixtures;
using RsyncFs.SystemTests.Jobs;
using Xunit;

namespace RsyncFs.SystemTests.Systemd;

/// <summary>Jobs as a service: what the service manager hears of the loop.</summary>
public sealed class LoopServiceTests(ITestOutputHelper output)
{
    [Fact]
    public async Task ItSaysWhenItIsReadyReloadsLivesAndEnds()
    {
        using var scene = new JobScene();
        await using var manager = new NotifyListener(scene.At("notify"));
        scene.Make("a");
        Write(scene, "1h");
        await using var loop = new RsyncFsProgram(
            "env",
            $"NOTIFY_SOCKET={manager.Address}",
            "WATCHDOG_USEC=200000"
        ).Start("loop", "--all", "--config", scene.At("rsyncfs.yaml"), "--log-format", "systemd");
        Assert.Equal("READY=1\nSTATUS=jobs: 1", await manager.WaitForAsync(1));
        await Poll.UntilAsync(() => manager.AliveCount > 2);

        Write(scene, "2h");
        loop.Signal("HUP");
        Assert.StartsWith(
            "RELOADING=1\nMONOTONIC_USEC=",
            await manager.WaitForAsync(2),
            StringComparison.Ordinal
        );
        Assert.Equal("READY=1", await manager.WaitForAsync(3));
        await loop.WaitForErrorLineAsync("event=reloaded");

        scene.Write("jobs: nonsense");
        loop.Signal("HUP");
        await loop.WaitForErrorLineAsync("event=not_reloaded");
        Assert.Equal("READY=1", await manager.WaitForAsync(5));

        var ended = await loop.StopAsync();
        output.WriteLine(ended.ToString());
        // The unit takes it for success.
        Assert.Equal(143, ended.ExitCode);
        Assert.StartsWith("STOPPING=1", manager.Said[^1], StringComparison.Ordinal);
        Assert.All(
            ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.Matches("^<[346]>", line)
        );
    }

    private static void Write(JobScene scene, string interval) =>
        scene.Write(
            $$"""
            version: 1
            state: {{scene.State}}
            jobs: [{ name: a, device: {{scene.Source("a")}}, to: [{{scene.Copy(
                "a"
            )}}], interval: {{interval}} }]
            """
        );
}
