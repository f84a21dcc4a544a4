using System.Globalization;
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
            "-v",
            "--config",
            scene.At("rsyncfs.yaml")
        );
        await loop.WaitForErrorLineAsync("db01 → far: the others go on without it; it has another ");
        for (ulong seed = 2; seed < 6; seed++)
        {
            new RandomContent(seed).WriteTo(scene.Source, (long)seed * MiB, MiB / 4);
            await Poll.UntilAsync(() => AreSame(scene.Source, scene.Target));
            var count = scene.Snapshots.Count;
            output.WriteLine($"{count} snapshots");
            Assert.InRange(count, 1, MaxSnapshotCount);
        }

        Assert.False(AreSame(scene.Source, far), "the far one has it already");
        loop.Signal("USR2");
        await Poll.UntilAsync(() => AreSame(scene.Source, far));
        await Poll.UntilAsync(() => scene.Snapshots.Count == 1);
        var plans = PlansOf((await loop.StopAsync()).Output);
        output.WriteLine(string.Join(", ", plans));
        var (near, slow) = (plans.FindAll(plan => !plan.IsFar), plans.FindAll(plan => plan.IsFar));
        Assert.InRange(near.Count, 5, int.MaxValue);
        Assert.All(near, plan => Assert.Equal("tracked", plan.Plan));
        Assert.Equal("full", slow[0].Plan);
        Assert.All(slow.Skip(1), plan => Assert.Equal("tracked", plan.Plan));
        Verdict.Same(scene.Source, scene.Target);
        Verdict.Same(scene.Source, far);
    }

    private static bool AreSame(string one, string other) =>
        DeviceBytes.Read(one, 0, 12 * MiB).AsSpan().SequenceEqual(DeviceBytes.Read(other, 0, 12 * MiB));

    /// <summary>The plans of all cycles that ended, in their order.</summary>
    private static List<(bool IsFar, string Plan)> PlansOf(string said)
    {
        var plans = new List<(bool, string)>();
        var isFar = false;
        foreach (var line in said.Split('\n'))
        {
            isFar = line.StartsWith("db01 → ", StringComparison.Ordinal)
                ? line.StartsWith("db01 → far: ", StringComparison.Ordinal)
                : isFar;
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["plan", var plan, ..])
            {
                plans.Add((isFar, plan.TrimEnd(':')));
            }
        }

        return plans;
    }

    private static async Task WriteConfigurationAsync(LvmScene scene, RunningProgram receiver)
    {
        var port = (await receiver.PortAsync()).ToString(CultureInfo.InvariantCulture);
        await File.WriteAllTextAsync(
            scene.At("rsyncfs.yaml"),
            $$"""
            version: 1
            state: {{scene.At("state")}}
            receivers:
              far: { url: "rsyncfs+tcp://127.0.0.1:{{port}}", bwlimit: [{ rate: 128KiB/s }] }
            defaults: { interval: 1s, min_rest: 100ms }
            jobs: [{ name: db01, device: {{scene.Source}}, to: [{{scene.Target}}, far] }]
            """,
            TestContext.Current.CancellationToken
        );
    }
}
