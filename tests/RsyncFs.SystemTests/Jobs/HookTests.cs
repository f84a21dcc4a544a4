using System.Globalization;
using Xunit;

namespace RsyncFs.SystemTests.Jobs;

/// <summary>Programs that a job runs at the points of its cycle.</summary>
public sealed class HookTests(ITestOutputHelper output)
{
    private const int HookFailed = 13;
    private const int Unreachable = 5;

    [Fact]
    public async Task HooksRunInTheirOrderAndKnowWhatFor()
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(
            scene,
            Hook(scene, "pre_snapshot", "first"),
            Hook(scene, "pre_snapshot", "second"),
            Hook(scene, "post_snapshot", "third"),
            Hook(scene, "post_snapshot", "fourth"),
            Hook(scene, "post_commit", "fifth"),
            Hook(scene, "on_failure", "never")
        );
        var said = await scene.RunAsync("run");
        output.WriteLine(said.ToString());
        Assert.Equal(0, said.ExitCode);
        Assert.Equal(["first", "second", "fourth", "third", "fifth"], Told(scene));
        Assert.Contains("sh: said by first", said.Error, StringComparison.Ordinal);
        var variables = await File.ReadAllLinesAsync(
            scene.At("fifth.env"),
            TestContext.Current.CancellationToken
        );
        Assert.Contains("RSYNCFS_EVENT=post_commit", variables);
        Assert.Contains("RSYNCFS_JOB=a", variables);
        Assert.Contains($"RSYNCFS_DEVICE={scene.Source("a")}", variables);
        Assert.Contains($"RSYNCFS_DEST={scene.Copy("a")}", variables);
        Assert.Contains("RSYNCFS_RESULT=ok", variables);
        Assert.Contains("RSYNCFS_DRY_RUN=0", variables);
        Assert.Single(
            variables,
            line => line.StartsWith("RSYNCFS_GENERATION=", StringComparison.Ordinal) && line.Length == 51
        );
    }

    [Fact]
    public async Task AHookBeforeTheSnapshotThatFailsEndsTheCycleAndWhatWasDoneIsUndone()
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(
            scene,
            Hook(scene, "pre_snapshot", "freeze", more: "name: one"),
            Hook(scene, "pre_snapshot", "broken", "exit 3", "name: two"),
            Hook(scene, "pre_snapshot", "never"),
            Hook(scene, "post_snapshot", "thaw", more: "name: one"),
            Hook(scene, "post_snapshot", "unbreak", more: "name: two"),
            Hook(scene, "post_snapshot", "always"),
            Hook(scene, "on_failure", "failure")
        );
        var said = await scene.RunAsync("run");
        output.WriteLine(said.ToString());
        Assert.Equal(HookFailed, said.ExitCode);
        Assert.Contains("a hook failed [hook-failed]", said.Error, StringComparison.Ordinal);
        Assert.Contains("exit code 3", said.Error, StringComparison.Ordinal);
        Assert.Equal(["freeze", "broken", "always", "thaw", "failure"], Told(scene));
        Assert.False(scene.AreSame("a", "a"));
        Assert.Contains(
            "RSYNCFS_ERROR_ID=hook-failed",
            await File.ReadAllLinesAsync(scene.At("failure.env"), TestContext.Current.CancellationToken)
        );
    }

    [Fact]
    public async Task AHookThatOnlyWarnsLetsTheCycleGoOn()
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(
            scene,
            Hook(scene, "pre_snapshot", "weak", "echo no such database >&2; exit 1", "on_error: warn"),
            Hook(scene, "post_commit", "strict", "exit 1", "on_error: abort")
        );
        var said = await scene.RunAsync("run");
        output.WriteLine(said.ToString());
        Assert.Contains(
            "hook sh failed: exit code 1; no such database",
            said.Error,
            StringComparison.Ordinal
        );
        Assert.Equal(HookFailed, said.ExitCode);
        Assert.True(scene.AreSame("a", "a"));
    }

    [Fact]
    public async Task AHookThatTakesTooLongIsEndedWithAllThatItStarted()
    {
        using var scene = new JobScene();
        scene.Make("a");
        var child = scene.At("child");
        Write(
            scene,
            Hook(
                scene,
                "pre_snapshot",
                "slow",
                $"trap '' TERM; sleep 600 & echo $! > {child}; wait; wait; wait",
                "name: slow, timeout: 2s"
            ),
            Hook(scene, "post_snapshot", "undo", more: "name: slow")
        );
        var said = await scene.RunAsync("run");
        output.WriteLine(said.ToString());
        Assert.Equal(HookFailed, said.ExitCode);
        Assert.Contains("it did not end within 2 s, and was ended", said.Error, StringComparison.Ordinal);
        // It was cut, so nobody knows what it had done.
        Assert.Equal(["slow", "undo"], Told(scene));
        AssertGone(child);
    }

    [Fact]
    public async Task WhatAHookStartedHasItsTimeToEndThoughTheHookIsGone()
    {
        using var scene = new JobScene();
        scene.Make("a");
        var (ready, tidy) = (scene.At("ready"), scene.At("tidy"));
        // The hook itself ends at once when it is told to; its child needs a second to put things in order.
        var child =
            $"trap 'sleep 1; echo done > {tidy}; exit' TERM; echo > {ready}; while :; do sleep 0.1; done";
        Write(
            scene,
            Hook(scene, "pre_snapshot", "slow", $"sh -c \"{child}\" & exec sleep 600", "timeout: 3s")
        );
        var said = await scene.RunAsync("run");
        output.WriteLine(said.ToString());
        Assert.Equal(HookFailed, said.ExitCode);
        Assert.True(File.Exists(ready), "the machine is too slow for this test");
        Assert.True(File.Exists(tidy), "the child was killed before it was done");
    }

    [Fact]
    public async Task AThawThatFailsWhileARunIsEndedIsSaid()
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(
            scene,
            Hook(scene, "pre_snapshot", "freeze", more: "name: db"),
            Hook(scene, "pre_snapshot", "slow", "echo at work >&2; exec sleep 600"),
            Hook(
                scene,
                "post_snapshot",
                "thaw",
                "echo no such database >&2; exit 4",
                "name: db, on_error: abort"
            )
        );
        await using var run = scene.Start("run");
        await run.WaitForErrorLineAsync("at work");
        var ended = await run.StopAsync();
        output.WriteLine(ended.ToString());
        Assert.Equal(143, ended.ExitCode);
        Assert.Contains("was not undone: a hook failed: ", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HooksThatCanNotBeMeantAreSaid()
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(
            scene,
            Hook(scene, "pre_snapshot", "freeze", more: "name: datenbank, timeout: 5m"),
            Hook(scene, "post_snapshot", "thaw", more: "name: datebank, timeout: 5m")
        );
        var said = await scene.RunAsync("config", "check", "--strict");
        output.WriteLine(said.ToString());
        Assert.Equal(3, said.ExitCode);
        Assert.Contains("there is no hook 'datebank' at pre_snapshot", said.Error, StringComparison.Ordinal);
        Assert.Contains("did you mean 'datenbank'?", said.Error, StringComparison.Ordinal);
        Assert.Contains("it waits no longer than 9m", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatAHookDidThatWasKilledIsUndone()
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(
            scene,
            Hook(scene, "pre_snapshot", "freeze", "kill -KILL $$", "name: db"),
            Hook(scene, "post_snapshot", "thaw", more: "name: db")
        );
        var said = await scene.RunAsync("run");
        output.WriteLine(said.ToString());
        Assert.Equal(HookFailed, said.ExitCode);
        Assert.Equal(["freeze", "thaw"], Told(scene));
    }

    [Fact]
    public async Task ARunThatIsEndedUndoesWhatWasDone()
    {
        using var scene = new JobScene();
        scene.Make("a");
        var child = scene.At("child");
        Write(
            scene,
            Hook(scene, "pre_snapshot", "freeze"),
            Hook(scene, "pre_snapshot", "slow", $"echo $$ > {child}; echo at work >&2; sleep 600"),
            Hook(scene, "post_snapshot", "thaw"),
            Hook(scene, "on_failure", "never")
        );
        await using var run = scene.Start("run");
        await run.WaitForErrorLineAsync("at work");
        var ended = await run.StopAsync();
        output.WriteLine(ended.ToString());
        Assert.Equal(143, ended.ExitCode);
        Assert.Equal(["freeze", "slow", "thaw"], Told(scene));
        AssertGone(child);
    }

    [Fact]
    public async Task AHookThatIsNotThereIsSaidToBeSo()
    {
        using var scene = new JobScene();
        scene.Make("a");
        Write(scene, "{ at: pre_snapshot, run: [/nowhere/freeze, --now] }");
        var said = await scene.RunAsync("run");
        output.WriteLine(said.ToString());
        Assert.Equal(HookFailed, said.ExitCode);
        Assert.Contains("/nowhere/freeze --now", said.Error, StringComparison.Ordinal);
        Assert.Contains("No such file or directory", said.Error, StringComparison.Ordinal);
    }

    /// <summary>Nor anything else that waits for a receiver that is not there, night after night.</summary>
    [Fact]
    public async Task WithoutAReceiverThereIsNoSnapshot()
    {
        using var scene = new JobScene();
        scene.Make("a");
        WriteTo(
            scene,
            "nobody",
            Hook(scene, "pre_snapshot", "freeze"),
            Hook(scene, "post_snapshot", "thaw"),
            Hook(scene, "on_failure", "failure")
        );
        var said = await scene.RunAsync("run");
        output.WriteLine(said.ToString());
        Assert.Equal(Unreachable, said.ExitCode);
        Assert.Equal(["failure"], Told(scene));
    }

    private static void AssertGone(string file)
    {
        var process = int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);
        // It may be there for as long as nobody has asked how it ended.
        Assert.True(
            !Directory.Exists($"/proc/{process}")
                || File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal),
            $"process {process} is there"
        );
    }

    private static string[] Told(JobScene scene) => File.ReadAllLines(scene.At("told"));

    private static string Hook(
        JobScene scene,
        string at,
        string name,
        string script = "true",
        string more = "timeout: 30s"
    )
    {
        var all =
            $"echo {name} >> {scene.At("told")}; env > {scene.At(name)}.env; echo said by {name}; {script}";
        return $$"""{ at: {{at}}, run: [/bin/sh, -c, "{{all.Replace("\"", "\\\"", StringComparison.Ordinal)}}"], {{more}} }""";
    }

    private static void Write(JobScene scene, params string[] hooks) =>
        WriteTo(scene, scene.Copy("a"), hooks);

    private static void WriteTo(JobScene scene, string to, params string[] hooks) =>
        scene.Write(
            $$"""
            version: 1
            state: {{scene.State}}
            receivers: { nobody: { url: "rsyncfs+tcp://127.0.0.1:1" } }
            jobs:
              - name: a
                device: {{scene.Source("a")}}
                to: [{{to}}]
                hooks:
                  - {{string.Join("\n      - ", hooks)}}
            """
        );
}
