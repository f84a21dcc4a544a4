using System.Globalization;
using RsyncFs.SystemTests.Fixtures;
using RsyncFs.SystemTests.Jobs;
using Xunit;

namespace RsyncFs.SystemTests.Targets;

/// <summary>Programs that a receiver runs about the writes to a target, and about what it becomes.</summary>
public sealed class TargetHookTests(ITestOutputHelper output) : IAsyncDisposable
{
    private const int HookFailed = 13;

    private readonly JobScene _scene = new();
    private RunningProgram? _receiver;
    private int _port;

    public async ValueTask DisposeAsync()
    {
        if (_receiver is not null)
        {
            await _receiver.DisposeAsync();
        }

        _scene.Dispose();
    }

    [Fact]
    public async Task TheyRunAboutTheWritesAndKnowWhatFor()
    {
        await ServeAsync(
            Hook("pre_apply", "first", more: "name: one"),
            Hook("pre_apply", "second", more: "name: two"),
            Hook("post_apply", "third", more: "name: one"),
            Hook("post_apply", "fourth", more: "name: two"),
            Hook("post_commit", "fifth"),
            Hook("on_failure", "never")
        );
        // In place, then by the journal, then nothing to write.
        string[] all = ["first", "second", "fourth", "third", "fifth"];
        await SyncOkAsync();
        Assert.Equal(all, Told());
        _scene.Change("a", seed: 7);
        await SyncOkAsync();
        Assert.Equal([.. all, .. all], Told());
        var variables = await File.ReadAllLinesAsync(
            _scene.At("first.env"),
            TestContext.Current.CancellationToken
        );
        Assert.Contains("RSYNCFS_EVENT=pre_apply", variables);
        Assert.Contains("RSYNCFS_TARGET=db01", variables);
        Assert.Contains($"RSYNCFS_DEVICE={_scene.Copy("a")}", variables);
        Assert.Single(variables, line => line.StartsWith("RSYNCFS_GENERATION=", StringComparison.Ordinal));
        await SyncOkAsync();
        Assert.Equal([.. all, .. all, "fifth"], Told());
        Assert.Contains(
            "RSYNCFS_RESULT=nochange",
            await File.ReadAllLinesAsync(_scene.At("fifth.env"), TestContext.Current.CancellationToken)
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OneThatFailsBeforeTheWritesRefusesTheGenerationAndNothingIsWritten(bool isUpdate)
    {
        var stop = _scene.At("stop");
        await ServeAsync(
            Hook("pre_apply", "freeze", more: "name: one"),
            Hook("pre_apply", "broken", $"if [ -e {stop} ]; then echo no >&2; exit 3; fi", "name: two"),
            Hook("post_apply", "thaw", more: "name: one"),
            Hook("post_apply", "unbreak", more: "name: two"),
            Hook("on_failure", "failure")
        );
        if (isUpdate)
        {
            await SyncOkAsync();
            File.Delete(_scene.At("told"));
        }

        _scene.Change("a", seed: 8);
        var before = DeviceBytes.Read(_scene.Copy("a"), 0, JobScene.ImageBytes);
        await File.WriteAllTextAsync(stop, "", TestContext.Current.CancellationToken);
        var refused = await SyncAsync();
        output.WriteLine(refused.ToString());
        output.WriteLine(_receiver!.ErrorSoFar);
        Assert.Equal(HookFailed, refused.ExitCode);
        Assert.Contains(
            "a hook of the receiver failed; nothing was written [target-hook-failed]",
            refused.Error,
            StringComparison.Ordinal
        );
        Assert.Contains("exit code 3", refused.Error, StringComparison.Ordinal);
        Assert.True(
            before.AsSpan().SequenceEqual(DeviceBytes.Read(_scene.Copy("a"), 0, JobScene.ImageBytes))
        );
        await Poll.UntilAsync(() => Told() is [.., "failure"]);
        Assert.Equal(["freeze", "broken", "thaw", "failure"], Told());

        File.Delete(stop);
        await SyncOkAsync();
    }

    [Fact]
    public async Task OneThatFailsBehindTheCommitFailsTheRunAndTheTargetHasTheGeneration()
    {
        await ServeAsync(Hook("post_commit", "strict", "exit 4", "on_error: abort"));
        var failed = await SyncAsync();
        output.WriteLine(failed.ToString());
        Assert.Equal(HookFailed, failed.ExitCode);
        Assert.Contains(
            "target is at its new generation [target-hook-failed]",
            failed.Error,
            StringComparison.Ordinal
        );
        Assert.True(_scene.AreSame("a", "a"));
        // The sender learns that it happened.
        var again = await SyncAsync();
        Assert.Contains("target is at its new generation", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatWasDoneBeforeACopyIsUndoneWhenItsSenderIsGone()
    {
        await ServeAsync(
            Hook("pre_apply", "freeze", more: "name: one"),
            Hook("post_apply", "thaw", more: "name: one"),
            Hook("on_failure", "failure")
        );
        await using var sender = new RsyncFsProgram().Start(Line("--bwlimit", "64KiB/s"));
        await Poll.UntilAsync(() => Told() is ["freeze"]);
        sender.Kill();
        await Poll.UntilAsync(() => Told() is ["freeze", "thaw", "failure"]);
    }

    /// <summary>By the receiver that runs, and without one by the verb itself.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TheyRunWhenATargetIsPromotedAndDemoted(bool isServed)
    {
        await ServeAsync(
            Hook("pre_promote", "fence"),
            Hook("post_promote", "start"),
            Hook("pre_demote", "stop")
        );
        await SyncOkAsync();
        if (!isServed)
        {
            await _receiver!.StopAsync();
        }

        string[] config = isServed ? [] : ["--config", _scene.At("rsyncfs.yaml")];
        Assert.Equal(0, (await TargetAsync(["promote", "db01", "--dry-run", .. config])).ExitCode);
        Assert.Empty(Told());
        Assert.Equal(0, (await TargetAsync(["promote", "db01", .. config])).ExitCode);
        Assert.Equal(["fence", "start"], Told());
        var variables = await File.ReadAllLinesAsync(
            _scene.At("start.env"),
            TestContext.Current.CancellationToken
        );
        Assert.Contains("RSYNCFS_EVENT=post_promote", variables);
        Assert.Contains("RSYNCFS_TARGET=db01", variables);
        Assert.Contains($"RSYNCFS_DEVICE={_scene.Copy("a")}", variables);
        Assert.Equal(0, (await TargetAsync(["promote", "db01", .. config])).ExitCode);
        Assert.Equal(["fence", "start", "start"], Told());
        Assert.Equal(0, (await TargetAsync(["demote", "db01", "--yes", .. config])).ExitCode);
        Assert.Equal(["fence", "start", "start", "stop"], Told());
        Assert.Equal(0, (await TargetAsync(["demote", "db01", "--yes", .. config])).ExitCode);
        Assert.Equal(4, Told().Length);
    }

    [Fact]
    public async Task OneThatFailsKeepsATargetFromItsNewRole()
    {
        var stop = _scene.At("stop");
        var mayStop = $"if [ -e {stop} ]; then echo no >&2; exit 3; fi";
        await ServeAsync(
            Hook("pre_promote", "fence", mayStop),
            Hook("post_promote", "start", mayStop, "on_error: abort"),
            Hook("pre_demote", "stop", mayStop)
        );
        await SyncOkAsync();
        await File.WriteAllTextAsync(stop, "", TestContext.Current.CancellationToken);
        AssertHookFailed(await TargetAsync("promote", "db01"), "nothing was changed");
        Assert.Equal(["fence"], Told());
        await SyncOkAsync();

        File.Delete(stop);
        Assert.Equal(0, (await TargetAsync("promote", "db01")).ExitCode);
        await File.WriteAllTextAsync(stop, "", TestContext.Current.CancellationToken);
        AssertHookFailed(await TargetAsync("promote", "db01"), "the target is the primary");
        AssertHookFailed(await TargetAsync("demote", "db01", "--yes"), "nothing was changed");
        Assert.Contains("primary", (await TargetAsync("show", "db01")).Output, StringComparison.Ordinal);
        // What is refused anyhow is refused before anything is run.
        var told = Told();
        Assert.Equal(6, (await TargetAsync("promote", "db02")).ExitCode);
        Assert.Equal(told, Told());
    }

    private void AssertHookFailed(ProgramResult said, string state)
    {
        output.WriteLine(said.ToString());
        Assert.Equal(HookFailed, said.ExitCode);
        Assert.Contains($"a hook failed; {state} [target-hook-failed]", said.Error, StringComparison.Ordinal);
        Assert.Contains("exit code 3", said.Error, StringComparison.Ordinal);
    }

    private Task<ProgramResult> TargetAsync(params string[] words) =>
        new RsyncFsProgram().RunAsync(["target", .. words, "--state", _scene.At("receiver")]);

    private string[] Told() => File.Exists(_scene.At("told")) ? File.ReadAllLines(_scene.At("told")) : [];

    private string[] Line(params string[] more) =>
        [
            "sync",
            _scene.Source("a"),
            string.Create(CultureInfo.InvariantCulture, $"rsyncfs://127.0.0.1:{_port}/db01")
                .Replace("rsyncfs:", "rsyncfs+tcp:", StringComparison.Ordinal),
            "--state",
            _scene.State,
            .. more,
        ];

    private Task<ProgramResult> SyncAsync() => new RsyncFsProgram().RunAsync(Line());

    private async Task SyncOkAsync()
    {
        var said = await SyncAsync();
        output.WriteLine(said.ToString());
        Assert.Equal(0, said.ExitCode);
        Assert.True(_scene.AreSame("a", "a"));
    }

    private async Task ServeAsync(params string[] hooks)
    {
        _scene.Make("a");
        _scene.Write(
            $$"""
            version: 1
            targets:
              - name: db01
                device: {{_scene.Copy("a")}}
                init: allow
                hooks:
                  - {{string.Join("\n      - ", hooks)}}
            """
        );
        _receiver = await new RsyncFsProgram().ServeAsync(
            "--listen",
            "127.0.0.1:0",
            "--config",
            _scene.At("rsyncfs.yaml"),
            "--state",
            _scene.At("receiver")
        );
        _port = await _receiver.PortAsync();
    }

    private string Hook(string at, string name, string script = "true", string more = "timeout: 30s")
    {
        var all = $"echo {name} >> {_scene.At("told")}; env > {_scene.At(name)}.env; {script}";
        return $$"""{ at: {{at}}, run: [/bin/sh, -c, "{{all}}"], {{more}} }""";
    }
}
