using System.Globalization;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Jobs;

/// <summary>How fast a loop sends, changed while it runs: what needs half a minute at the limit is not done in three seconds, on whatever machine.</summary>
public sealed class LimitTests(ITestOutputHelper output)
{
    private const int TimedOut = 5;

    [Fact]
    public async Task ALimitHoldsFromTheWordOnOverAReloadAndUntilAnotherWord()
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(scene);
        await using var loop = scene.Start("loop", "--all");
        await Poll.UntilAsync(() => scene.AreSame("a", "a"));

        await SayAsync(scene, "64KiB/s", "a", "limit 64KiB/s: a/" + scene.Copy("a"));
        await loop.WaitForErrorLineAsync("rsyncfs: limit 64KiB/s: a/");
        scene.Change("a", seed: 61);
        Assert.Equal(TimedOut, await TriggerAsync(scene, "3s"));
        Command.Run("kill", "-HUP", Number(loop.Id));
        await loop.WaitForErrorLineAsync("the configuration was read again");
        Assert.Equal(TimedOut, await TriggerAsync(scene, "3s"));
        Assert.False(scene.AreSame("a", "a"));

        // The cycle that is at work feels it.
        await SayAsync(scene, "off", scene.Copy("a"), "limit off: a/" + scene.Copy("a"));
        Assert.Equal(0, await TriggerAsync(scene, "5m"));
        Assert.True(scene.AreSame("a", "a"));
        await SayAsync(scene, "auto", $"a/{scene.Copy("a")}", "limit auto: a/" + scene.Copy("a"));
        output.WriteLine((await loop.StopAsync()).ToString());
    }

    [Fact]
    public async Task TheSignalLiftsTheLimitAndBringsItBack()
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(scene);
        await using var loop = scene.Start("loop", "--all");
        await Poll.UntilAsync(() => scene.AreSame("a", "a"));
        await SayAsync(scene, "525kbit/s", "a", "limit 525kbit/s: a/" + scene.Copy("a"));
        scene.Change("a", seed: 71);
        Assert.Equal(TimedOut, await TriggerAsync(scene, "3s"));

        Command.Run("kill", "-USR2", Number(loop.Id));
        await loop.WaitForErrorLineAsync("rsyncfs: no limit holds until SIGUSR2 comes again");
        Assert.Equal(0, await TriggerAsync(scene, "5m"));

        Command.Run("kill", "-USR2", Number(loop.Id));
        await loop.WaitForErrorLineAsync("rsyncfs: limits hold again");
        scene.Change("a", seed: 72);
        Assert.Equal(TimedOut, await TriggerAsync(scene, "3s"));
        await SayAsync(scene, "auto", "a", "limit auto: a/" + scene.Copy("a"));
        Assert.Equal(0, await TriggerAsync(scene, "5m"));
        Assert.True(scene.AreSame("a", "a"));
        output.WriteLine((await loop.StopAsync()).ToString());
    }

    [Fact]
    public async Task WhatIsNoRateOrNoNameIsRefused()
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(scene);
        Assert.Equal(2, (await scene.RunAsync("limit", "a", "40")).ExitCode);
        Assert.Equal(2, (await scene.RunAsync("limit", "a")).ExitCode);
        Assert.Equal(5, (await scene.RunAsync("limit", "a", "off")).ExitCode);
        await using var loop = scene.Start("loop", "--all");
        await loop.WaitForErrorLineAsync("looping");
        var unknown = await scene.RunAsync("limit", "b", "off");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("the loop has no job and no receiver 'b'", unknown.Error, StringComparison.Ordinal);
        var told = await scene.RunAsync("limit", "a", "1MiB/s", "--json");
        var change = RunEvents.Of(told, "loop_change").Single();
        Assert.Equal("limited", change.GetProperty("status").GetString());
        Assert.Equal("1MiB/s", change.GetProperty("rate").GetString());
        Assert.Equal($"a/{scene.Copy("a")}", change.GetProperty("ways")[0].GetString());
    }

    private static async Task SayAsync(JobScene scene, string rate, string name, string expected)
    {
        var said = await scene.RunAsync("limit", name, rate);
        Assert.True(said.ExitCode == 0, said.ToString());
        Assert.Equal(expected + "\n", said.Output);
    }

    private static async Task<int> TriggerAsync(JobScene scene, string timeout) =>
        (await scene.RunAsync("trigger", "a", "--wait", "--timeout", timeout)).ExitCode;

    private static string Number(int id) => id.ToString(CultureInfo.InvariantCulture);

    private static void Write(JobScene scene) =>
        scene.Write(
            $$"""
            version: 1
            state: {{scene.State}}
            defaults: { interval: 1h }
            jobs: [{ name: a, device: {{scene.Source("a")}}, to: [{{scene.Copy("a")}}] }]
            """
        );
}
