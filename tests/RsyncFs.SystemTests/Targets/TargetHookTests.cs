using System.Globalization;
using RsyncFs.SystemTests.Fixtures;
using RsyncFs.SystemTests.Jobs;
using Xunit;

namespace RsyncFs.SystemTests.Targets;

/// <summary>Programs that a receiver runs about the writes to a target.</summary>
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
