using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Jobs;

/// <summary>Jobs that are left running.</summary>
public sealed class LoopTests(ITestOutputHelper output)
{
    private const int Terminated = 143;

    [Fact]
    public async Task WhatChangesArrivesAndWhatDoesNotIsNotToldOf()
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(scene, "200ms", "a");
        await using var loop = scene.Start("loop", "--all");
        await loop.WaitForErrorLineAsync("rsyncfs: looping; jobs: 1");
        for (var change = 1; change <= 3; change++)
        {
            await Poll.UntilAsync(() => scene.AreSame("a", "a"));
            scene.Change("a", seed: 10 + change);
        }

        await Poll.UntilAsync(() => scene.AreSame("a", "a"));
        // Some cycles with nothing to do.
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        var ended = await loop.StopAsync();
        output.WriteLine(ended.ToString());
        Assert.Equal(Terminated, ended.ExitCode);
        // Seldom an image is read half written: that makes one cycle more.
        var lines = ended.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.InRange(lines.Length, 4, 7);
        Assert.All(
            lines,
            line => Assert.Contains($"a → {scene.Copy("a")}: done", line, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task ADestinationThatFailsIsSaidOnceTriedAgainAndHoldsUpNobody()
    {
        using var scene = new JobScene();
        scene.Make("a", "b");
        File.Delete(scene.Copy("b"));
        scene.Write(
            $$"""
            version: 1
            state: {{scene.State}}
            defaults: { interval: 200ms, retry: { first: 100ms, max: 200ms } }
            jobs: [{ name: a, device: {{scene.Source("a")}}, to: [{{scene.Copy("b")}}, {{scene.Copy("a")}}] }]
            """
        );
        await using var loop = scene.Start("loop", "a");
        await loop.WaitForErrorLineAsync("the target does not exist");
        await Poll.UntilAsync(() => scene.AreSame("a", "a"));
        scene.Change("a", seed: 77);
        await Poll.UntilAsync(() => scene.AreSame("a", "a"));
        await File.WriteAllBytesAsync(
            scene.Copy("b"),
            new byte[JobScene.ImageBytes],
            TestContext.Current.CancellationToken
        );
        await loop.WaitForErrorLineAsync($"a → {scene.Copy("b")}: works again after ");
        await Poll.UntilAsync(() => scene.AreSame("a", "b"));
        var ended = await loop.StopAsync();
        output.WriteLine(ended.ToString());
        Assert.Single(
            ended.Error.Split('\n'),
            line => line.Contains("[target-missing]", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task AReloadStartsWhatIsNewEndsWhatIsGoneAndLeavesTheRest()
    {
        using var scene = new JobScene();
        scene.Make("a", "b");
        Write(scene, "200ms", "a");
        await using var loop = scene.Start("loop", "--all");
        await Poll.UntilAsync(() => scene.AreSame("a", "a"));

        scene.Write("version: 1\njobs: [{ name: a }]\n");
        loop.Signal("HUP");
        await loop.WaitForErrorLineAsync("the configuration was not read again: all goes on as it was");
        scene.Change("a", seed: 5);
        await Poll.UntilAsync(() => scene.AreSame("a", "a"));

        Write(scene, "200ms", "b");
        loop.Signal("HUP");
        await loop.WaitForErrorLineAsync("the configuration was read again; jobs: 1");
        await Poll.UntilAsync(() => scene.AreSame("b", "b"));
        scene.Change("a", seed: 6);
        scene.Change("b", seed: 7);
        await Poll.UntilAsync(() => scene.AreSame("b", "b"));
        Assert.False(scene.AreSame("a", "a"));
        Assert.Equal(Terminated, (await loop.StopAsync()).ExitCode);
    }

    [Theory]
    [InlineData]
    [InlineData("--all", "a")]
    [InlineData("nobody")]
    public async Task JobsAreNamedOrAllAre(params string[] words)
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(scene, "1s", "a");
        Assert.Equal(2, (await scene.RunAsync(["loop", .. words])).ExitCode);
    }

    private static void Write(JobScene scene, string interval, string name) =>
        scene.Write(
            $$"""
            version: 1
            state: {{scene.State}}
            defaults: { interval: {{interval}}, min_rest: 50ms }
            jobs: [{ name: {{name}}, device: {{scene.Source(name)}}, to: [{{scene.Copy(name)}}] }]
            """
        );
}
