using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Jobs;

/// <summary>Jobs of a configuration, run by the program as cron does it.</summary>
public sealed class RunTests(ITestOutputHelper output)
{
    [Fact]
    public async Task EachJobStandsForItself()
    {
        using var scene = new JobScene();
        scene.Make("a", "b");
        scene.Write(
            $$"""
            version: 1
            state: {{scene.State}}
            jobs:
              - { name: a, device: {{scene.Source("a")}}, to: [{{scene.Copy("a")}}] }
              - { name: gone, device: {{scene.Source("gone")}}, to: [{{scene.Copy("gone")}}] }
              - { name: b, device: {{scene.Source("b")}}, to: [{{scene.Copy("b")}}, {{scene.Copy("b2")}}] }
            """
        );
        File.Copy(scene.Copy("b"), scene.Copy("b2"));
        var said = await scene.RunAsync("run", "--jobs", "3");
        output.WriteLine(said.ToString());
        Assert.Equal(4, said.ExitCode);
        Assert.Contains("error: gone → ", said.Error, StringComparison.Ordinal);
        Assert.Contains("[source-missing]", said.Error, StringComparison.Ordinal);
        Assert.Equal(3, said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        foreach (var (source, copy) in new[] { ("a", "a"), ("b", "b"), ("b", "b2") })
        {
            Assert.Equal(File.ReadAllBytes(scene.Source(source)), File.ReadAllBytes(scene.Copy(copy)));
        }

        Assert.Equal(7, (await scene.RunAsync("run", "gone")).ExitCode);
        Assert.Equal(0, (await scene.RunAsync("run", "a", "b")).ExitCode);
    }

    [Fact]
    public async Task SeveralDestinationsAreServedFromOneReadAndADeadOneHoldsUpNobody()
    {
        using var scene = new JobScene();
        scene.Make("a", "b", "c");
        scene.Write(
            $$"""
            version: 1
            state: {{scene.State}}
            receivers:
              dead: { url: "rsyncfs+tcp://127.0.0.1:9" }
            jobs:
              - name: a
                device: {{scene.Source("a")}}
                to:
                  - {{scene.Copy("a")}}
                  - { receiver: dead, target: a }
                  - {{scene.Copy("b")}}
                  - {{scene.Copy("c")}}
                hooks:
                  - { at: pre_snapshot, run: [/bin/sh, -c, 'env > {{scene.At("env")}}; echo once >> {{scene.At(
                "told"
            )}}'] }
            """
        );
        for (var seed = 1; seed <= 2; seed++)
        {
            scene.Change("a", 10 + seed);
            var said = await scene.RunAsync("run", "--json");
            output.WriteLine(said.ToString());
            Assert.Equal(4, said.ExitCode);
            var summaries = RunEvents.Of(said, "summary");
            Assert.Equal(3, summaries.Count);
            Assert.Single(summaries.Select(summary => summary.GetProperty("gen").GetString()).Distinct());
            // What differs is read again to be sent, and not by each.
            Assert.InRange(
                summaries.Sum(summary => summary.GetProperty("scanned").GetInt64()),
                JobScene.ImageBytes,
                2 * JobScene.ImageBytes
            );
            Assert.True(scene.AreSame("a", "a") && scene.AreSame("a", "b") && scene.AreSame("a", "c"));
            Assert.Equal("unreachable", RunEvents.Of(said, "error").Single().GetProperty("id").GetString());
        }

        Assert.Equal(
            ["once", "once"],
            await File.ReadAllLinesAsync(scene.At("told"), TestContext.Current.CancellationToken)
        );
        Assert.Contains(
            $"RSYNCFS_DEST={scene.Copy("a")} dead {scene.Copy("b")} {scene.Copy("c")}",
            await File.ReadAllLinesAsync(scene.At("env"), TestContext.Current.CancellationToken)
        );
    }

    [Fact]
    public async Task ADryRunWritesNothingAndEventsNameTheirJob()
    {
        using var scene = new JobScene();
        scene.Make("a");
        scene.Write(
            $$"""
            version: 1
            state: {{scene.State}}
            jobs: [{ name: a, device: {{scene.Source("a")}}, to: [{{scene.Copy("a")}}] }]
            """
        );
        var foreseen = await scene.RunAsync("run", "--dry-run", "--json");
        Assert.Equal(0, foreseen.ExitCode);
        Assert.True(File.ReadAllBytes(scene.Copy("a")).AsSpan().IndexOfAnyExcept((byte)0) < 0);
        var summary = RunEvents.Of(foreseen, "summary").Single();
        Assert.Equal(
            ("a", scene.Copy("a"), true),
            (
                summary.GetProperty("job").GetString(),
                summary.GetProperty("dest").GetString(),
                summary.GetProperty("dry_run").GetBoolean()
            )
        );
        var exit = RunEvents.Of(foreseen, "exit").Single();
        Assert.Equal(
            (0, 1, 0),
            (
                exit.GetProperty("code").GetInt32(),
                exit.GetProperty("ok").GetInt32(),
                exit.GetProperty("failed").GetInt32()
            )
        );
    }

    [Fact]
    public async Task ARunOverAnotherFailsOrLeavesItOrWaits()
    {
        using var scene = new JobScene();
        scene.Make("a");
        scene.Write(
            $$"""
            version: 1
            state: {{scene.State}}
            jobs: [{ name: a, device: {{scene.Source("a")}}, to: [{{scene.Copy("a")}}] }]
            """
        );
        await scene.RunAsync("run");
        await using var first = await scene.HoldAsync();
        var refused = await scene.RunAsync("run");
        Assert.Equal(11, refused.ExitCode);
        Assert.Contains("[locked]", refused.Error, StringComparison.Ordinal);
        var left = await scene.RunAsync("run", "--if-running", "skip");
        Assert.Equal(0, left.ExitCode);
        Assert.Contains("another run is at work on it", left.Error, StringComparison.Ordinal);
        Assert.Equal(11, (await scene.RunAsync("run", "--if-running", "wait", "--wait", "1s")).ExitCode);
        await using var second = scene.Start("run", "--if-running", "wait");
        await first.StopAsync();
        Assert.Equal(0, (await second.WaitAsync()).ExitCode);
    }

    [Fact]
    public async Task OnlyTheReceiversThatAreNamedAreSentTo()
    {
        using var scene = new JobScene();
        scene.Make("a", "b");
        scene.Write(
            $$"""
            version: 1
            state: {{scene.State}}
            jobs: [{ name: a, device: {{scene.Source("a")}}, to: [{{scene.Copy("a")}}, {{scene.Copy("b")}}] }]
            """
        );
        Assert.Equal(0, (await scene.RunAsync("run", "--to", scene.Copy("b"))).ExitCode);
        Assert.Equal(File.ReadAllBytes(scene.Source("a")), File.ReadAllBytes(scene.Copy("b")));
        Assert.NotEqual(File.ReadAllBytes(scene.Source("a")), File.ReadAllBytes(scene.Copy("a")));
        Assert.Equal(2, (await scene.RunAsync("run", "--to", "nowhere")).ExitCode);
    }

    [Fact]
    public async Task AConfigurationThatCanNotBeUsedStartsNothing()
    {
        using var scene = new JobScene();
        scene.Make("a");
        scene.Write(
            $$"""
            version: 1
            state: {{scene.State}}
            jobs:
              - { name: a, device: {{scene.Source("a")}}, to: [{{scene.Copy("a")}}] }
              - { name: b, device: {{scene.Source("b")}}, to: [nowhere], intervall: 5s }
            """
        );
        var said = await scene.RunAsync("run", "--json");
        Assert.Equal(3, said.ExitCode);
        Assert.Equal(2, RunEvents.Of(said, "error").Count);
        Assert.Equal(3, RunEvents.Of(said, "exit").Single().GetProperty("code").GetInt32());
        Assert.False(Directory.Exists(scene.State));
        Assert.Equal(3, (await scene.RunAsync("config", "check")).ExitCode);
    }
}
