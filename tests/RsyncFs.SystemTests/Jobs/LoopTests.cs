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

    [Fact]
    public async Task AJobThatIsNotDoneYetHoldsUpNoOtherThatWasChanged()
    {
        using var scene = new JobScene();
        scene.Make("a", "b");
        var go = scene.At("go");
        WriteBoth("1h");
        await using var loop = scene.Start("loop", "--all");
        await loop.WaitForErrorLineAsync("waiting");
        await Poll.UntilAsync(() => scene.AreSame("b", "b"));
        WriteBoth("100ms");
        loop.Signal("HUP");
        await loop.WaitForErrorLineAsync("the configuration was read again; jobs: 2");
        scene.Change("b", seed: 61);
        await Poll.UntilAsync(() => scene.AreSame("b", "b"));
        Assert.False(scene.AreSame("a", "a"));
        File.WriteAllText(go, "");
        await Poll.UntilAsync(() => scene.AreSame("a", "a"));
        Assert.Equal(Terminated, (await loop.StopAsync()).ExitCode);

        void WriteBoth(string interval) =>
            scene.Write(
                $$"""
                version: 1
                state: {{scene.State}}
                defaults: { interval: {{interval}}, min_rest: 50ms }
                jobs:
                  - name: a
                    device: {{scene.Source("a")}}
                    to: [{{scene.Copy("a")}}]
                    hooks:
                      - at: pre_snapshot
                        run: [/bin/sh, -c, "echo waiting; while [ ! -e {{go}} ]; do sleep 0.1; done"]
                        timeout: 5m
                  - { name: b, device: {{scene.Source("b")}}, to: [{{scene.Copy("b")}}] }
                """
            );
    }

    [Fact]
    public async Task ATriggeredCycleIsWaitedForAndItsCodeIsTold()
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(scene, "1h", "a");
        await using var loop = scene.Start("loop", "--all");
        await Poll.UntilAsync(() => scene.AreSame("a", "a"));
        scene.Change("a", seed: 41);
        Assert.Equal(0, (await scene.RunAsync("trigger", "a", "--wait")).ExitCode);
        Assert.True(scene.AreSame("a", "a"));

        File.Move(scene.Copy("a"), scene.At("away"));
        Assert.Equal(8, (await scene.RunAsync("trigger", "a", "--wait", "--timeout", "5m")).ExitCode);
        File.Move(scene.At("away"), scene.Copy("a"));
        Assert.Equal(0, (await scene.RunAsync("trigger", "a")).ExitCode);
        await loop.WaitForErrorLineAsync("works again after ");

        var unknown = await scene.RunAsync("trigger", "b");
        output.WriteLine(unknown.ToString());
        Assert.Equal(2, unknown.ExitCode);
        Assert.Equal(Terminated, (await loop.StopAsync()).ExitCode);
        Assert.Equal(5, (await scene.RunAsync("trigger", "a")).ExitCode);
    }

    [Fact]
    public async Task APauseOutlivesTheLoopAndEndsWithItsTimeOrAWord()
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(scene, "100ms", "a");
        await using (var loop = scene.Start("loop", "a"))
        {
            await Poll.UntilAsync(() => scene.AreSame("a", "a"));
            Assert.Equal(0, (await scene.RunAsync("pause", "a")).ExitCode);
            await loop.WaitForErrorLineAsync("paused until somebody resumes: a");
            // One that was at work when it was paused goes on to its end.
            Assert.Equal(11, (await scene.RunAsync("trigger", "a")).ExitCode);
            Assert.Equal(Terminated, (await loop.StopAsync()).ExitCode);
        }

        scene.Change("a", seed: 51);
        await using var second = scene.Start("loop", "a");
        await second.WaitForErrorLineAsync("looping");
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.False(scene.AreSame("a", "a"));
        Assert.Equal(0, (await scene.RunAsync("resume", "a")).ExitCode);
        await Poll.UntilAsync(() => scene.AreSame("a", "a"));

        Assert.Equal(0, (await scene.RunAsync("pause", "a", "--for", "1s")).ExitCode);
        scene.Change("a", seed: 52);
        await Poll.UntilAsync(() => scene.AreSame("a", "a"));
        Assert.Equal(Terminated, (await second.StopAsync()).ExitCode);
    }

    [Fact]
    public async Task ManyWhoWaitForACycleKeepNobodyElseFromBeingHeard()
    {
        const int WaiterCount = 9;
        using var scene = new JobScene();
        scene.Make("a");
        scene.Write(
            $$"""
            version: 1
            state: {{scene.State}}
            jobs:
              - name: a
                device: {{scene.Source("a")}}
                to: [{{scene.Copy("a")}}]
                hooks: [{ at: pre_snapshot, run: [/bin/sleep, "600"], timeout: 5m }]
            """
        );
        await using var loop = scene.Start("loop", "a");
        await loop.WaitForErrorLineAsync("looping");
        var waiters = new List<RunningProgram>();
        for (var waiter = 0; waiter < WaiterCount; waiter++)
        {
            waiters.Add(scene.Start("trigger", "a", "--wait"));
        }

        // The loop's own, and one for each of them, whether it was accepted or not.
        var socket = Path.Combine(scene.State, "loop.sock");
        await Poll.UntilAsync(() =>
            File.ReadLines("/proc/net/unix").Count(line => line.Contains(socket, StringComparison.Ordinal))
            > WaiterCount
        );
        var said = await scene.RunAsync("trigger", "a");
        output.WriteLine(said.ToString());
        Assert.Equal(0, said.ExitCode);
        Assert.Equal(Terminated, (await loop.StopAsync()).ExitCode);
        foreach (var waiter in waiters)
        {
            Assert.NotEqual(0, (await waiter.WaitAsync()).ExitCode);
            await waiter.DisposeAsync();
        }
    }

    [Fact]
    public async Task ASecondLoopOfTheSameStateIsRefused()
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(scene, "1h", "a");
        await using var loop = scene.Start("loop", "--all");
        await loop.WaitForErrorLineAsync("looping");
        var second = await scene.RunAsync("loop", "--all");
        output.WriteLine(second.ToString());
        Assert.Equal(11, second.ExitCode);
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
