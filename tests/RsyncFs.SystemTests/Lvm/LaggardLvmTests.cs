using System.Globalization;
using System.Text.Json;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Lvm;

/// <summary>A logical volume that is written all the time, with a destination nearby and one at the end of a slow line.</summary>
[Collection(VolumeGroup.Collection)]
public sealed class LaggardLvmTests(ITestOutputHelper output)
{
    private const int MiB = 1024 * 1024;
    private const int MaxSnapshotCount = 3;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheOthersAreTrackedMeanwhileAndThreeSnapshotsAreEnough(bool isThin)
    {
        using var scene = new LvmScene(output, isThin);
        var far = scene.Group.Make("far", isThin: false);
        new RandomContent(1).WriteTo(scene.Source, 0, 12 * MiB);
        await scene.SyncAsync("--force");
        await using var receiver = await new RsyncFsProgram().ServeAsync([
            "--listen",
            "127.0.0.1:0",
            "--target",
            $"db01={far},init=overwrite",
            "--state",
            scene.At("receiver"),
        ]);
        await WriteConfigurationAsync(scene, receiver);
        await using var loop = new RsyncFsProgram().Start(
            "loop",
            "--all",
            "--json",
            "--config",
            scene.At("rsyncfs.yaml")
        );
        var most = 0;
        for (ulong seed = 2; seed < 22; seed++)
        {
            new RandomContent(seed).WriteTo(scene.Source, (long)(seed % 12) * MiB, MiB / 4);
            most = Math.Max(most, scene.Snapshots.Count);
            await Task.Delay(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken);
        }

        output.WriteLine($"{most} snapshots at most");
        Assert.InRange(most, 1, MaxSnapshotCount);
        await Poll.UntilAsync(() => AreSame(scene.Source, far));
        var ended = await loop.StopAsync();
        output.WriteLine(ended.Error);
        var runs = RunEvents.Of(ended, "summary").ToList();
        var (near, slow) = (PlansOf(runs, isFar: false), PlansOf(runs, isFar: true));
        output.WriteLine($"near: {string.Join(' ', near)}; far: {string.Join(' ', slow)}");
        Assert.All(near, plan => Assert.Equal("tracked", plan));
        Assert.Equal("full", slow[0]);
        Assert.All(slow.Skip(1), plan => Assert.Equal("tracked", plan));
        var first = runs.FindIndex(run => IsFar(run));
        Assert.InRange(first, 3, runs.Count);
        Verdict.Same(scene.Source, scene.Target);
        Verdict.Same(scene.Source, far);
        Assert.Single(scene.Snapshots);
    }

    private static bool AreSame(string one, string other) =>
        DeviceBytes.Read(one, 0, 12 * MiB).AsSpan().SequenceEqual(DeviceBytes.Read(other, 0, 12 * MiB));

    private static bool IsFar(JsonElement run) =>
        run.GetProperty("dest").GetString() is { } dest
        && !dest.StartsWith("/dev/", StringComparison.Ordinal);

    private static List<string?> PlansOf(IEnumerable<JsonElement> runs, bool isFar) =>
        [.. runs.Where(run => IsFar(run) == isFar).Select(run => run.GetProperty("plan").GetString())];

    private static async Task WriteConfigurationAsync(LvmScene scene, RunningProgram receiver)
    {
        var port = (await receiver.PortAsync()).ToString(CultureInfo.InvariantCulture);
        await File.WriteAllTextAsync(
            scene.At("rsyncfs.yaml"),
            $$"""
            version: 1
            state: {{scene.At("state")}}
            receivers:
              far: { url: "rsyncfs+tcp://127.0.0.1:{{port}}", bwlimit: [{ rate: 1536KiB/s }] }
            defaults: { interval: 1s, min_rest: 100ms }
            jobs: [{ name: db01, device: {{scene.Source}}, to: [{{scene.Target}}, far] }]
            """,
            TestContext.Current.CancellationToken
        );
    }
}
