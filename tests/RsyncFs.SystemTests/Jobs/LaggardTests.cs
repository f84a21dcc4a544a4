using System.Globalization;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Jobs;

/// <summary>A job with a destination nearby and one at the end of a slow line.</summary>
public sealed class LaggardTests(ITestOutputHelper output)
{
    private const string LeftBehind = "db01 → far: the others go on without it; it has another ";

    private static readonly RsyncFsProgram Program = new();

    [Fact]
    public async Task TheOthersHaveTheirCyclesWhileOneIsStillSent()
    {
        using var scene = new JobScene();
        await using var far = await ServeAsync(scene);
        await WriteAsync(scene, far, "rate: 512KiB/s", "laggard_limit: 1h");
        await using var loop = scene.Start("loop", "--all", "-v");
        var said = await loop.WaitForErrorLineAsync(LeftBehind);
        Assert.Contains(" 1h00m for this cycle", said, StringComparison.Ordinal);
        Assert.True(scene.AreSame("db01", "db01"), "the near one does not have it");
        Assert.False(scene.AreSame("db01", "far"), "the far one has it already");
        await Poll.UntilAsync(() => scene.AreSame("db01", "far"));
        scene.Change("db01", seed: 3);
        await Poll.UntilAsync(() => scene.AreSame("db01", "db01"));
        await Poll.UntilAsync(() => scene.AreSame("db01", "far"));

        var ended = await loop.StopAsync();
        output.WriteLine(ended.ToString());
        var cycles = ended
            .Output.Split('\n')
            .Where(line => line.Contains("db01", StringComparison.Ordinal))
            .ToList();
        var first = cycles.FindIndex(line => line.Contains("→ far: ", StringComparison.Ordinal));
        Assert.InRange(
            cycles[..first].Count(line => line.Contains(".copy: ", StringComparison.Ordinal)),
            3,
            50
        );
    }

    [Fact]
    public async Task WhoIsLateForTooLongBeginsAnewAndKeepsWhatArrived()
    {
        using var scene = new JobScene();
        await using var far = await ServeAsync(scene);
        await WriteAsync(scene, far, "rate: 300KiB/s", "laggard_limit: 1s");
        await using var loop = scene.Start("loop", "--all");
        await loop.WaitForErrorLineAsync(LeftBehind + "1.0s");
        await loop.WaitForErrorLineAsync(
            "db01 → far: the destination was slower than the others for too long"
        );
        await Poll.UntilAsync(() => scene.AreSame("db01", "far"));
        output.WriteLine((await loop.StopAsync()).ToString());
    }

    private static async Task<RunningProgram> ServeAsync(JobScene scene)
    {
        scene.Make("db01");
        await File.WriteAllBytesAsync(
            scene.Copy("far"),
            new byte[JobScene.ImageBytes],
            TestContext.Current.CancellationToken
        );
        return await Program.ServeAsync([
            "--listen",
            "127.0.0.1:0",
            "--target",
            $"db01={scene.Copy("far")},init",
            "--state",
            scene.At("receiver"),
        ]);
    }

    private static async Task WriteAsync(JobScene scene, RunningProgram far, string rate, string limit)
    {
        var port = (await far.PortAsync()).ToString(CultureInfo.InvariantCulture);
        scene.Write(
            $$"""
            version: 1
            state: {{scene.State}}
            receivers:
              far: { url: "rsyncfs+tcp://127.0.0.1:{{port}}", bwlimit: [{ {{rate}} }] }
            defaults: { interval: 400ms, min_rest: 100ms, retry: { first: 100ms, max: 200ms }, {{limit}} }
            jobs: [{ name: db01, device: {{scene.Source("db01")}}, to: [{{scene.Copy("db01")}}, far] }]
            """
        );
    }
}
