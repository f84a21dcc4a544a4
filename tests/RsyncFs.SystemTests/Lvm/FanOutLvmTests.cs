using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Lvm;

/// <summary>A job with two destinations, whose source is a logical volume.</summary>
[Collection(VolumeGroup.Collection)]
public sealed class FanOutLvmTests(ITestOutputHelper output)
{
    private const int MiB = 1024 * 1024;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OneSnapshotServesBothAndWhatChangedIsReadOnce(bool isThin)
    {
        using var scene = new LvmScene(output, isThin);
        var other = scene.Group.Make("other", isThin: false);
        new RandomContent(1).WriteTo(scene.Source, 0, 8 * MiB);
        await scene.SyncAsync("--force");
        await new RsyncFsProgram().RunOkAsync(
            "sync",
            scene.Source,
            other,
            "--force",
            "--state",
            scene.At("state")
        );
        await File.WriteAllTextAsync(
            scene.At("rsyncfs.yaml"),
            $$"""
            version: 1
            state: {{scene.At("state")}}
            jobs: [{ name: db, device: {{scene.Source}}, to: [{{scene.Target}}, {{other}}] }]
            """,
            TestContext.Current.CancellationToken
        );
        for (ulong seed = 2; seed < 5; seed++)
        {
            new RandomContent(seed).WriteTo(scene.Source, (long)seed * MiB, 2 * MiB);
            var said = await new RsyncFsProgram().RunOkAsync(
                "run",
                "--json",
                "--config",
                scene.At("rsyncfs.yaml")
            );
            var runs = RunEvents.Of(said, "summary").Select(summary => new RunSummary(summary)).ToList();
            runs.ForEach(run => output.WriteLine(run.ToString()));
            Assert.All(runs, run => Assert.Equal("tracked", run.Plan));
            Assert.Single(
                RunEvents.Of(said, "summary").Select(run => run.GetProperty("gen").GetString()).Distinct()
            );
            // Each reads its own sample; what changed is read once to be found and once to be sent.
            Assert.InRange(runs.Sum(run => run.SourceRead), 2 * MiB, 20 * MiB);
            var snapshot = Assert.Single(scene.Snapshots);
            Verdict.Same(snapshot, scene.Target);
            Verdict.Same(snapshot, other);
        }
    }
}
