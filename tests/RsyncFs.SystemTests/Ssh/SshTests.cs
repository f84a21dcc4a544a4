using RsyncFs.SystemTests.Fixtures;
using RsyncFs.SystemTests.Keys;
using Xunit;

namespace RsyncFs.SystemTests.Ssh;

/// <summary>A receiver that is reached through a real sshd.</summary>
public sealed class SshTests(ITestOutputHelper output)
{
    [Fact]
    public async Task AForcedCommandServesItsTargetsUnderItsNameWhateverTheSenderAsksFor()
    {
        await using var scene = await SshScene.StartAsync();
        scene.Authorize(scene.ForcedWithTarget);
        await scene.KnowAsync("web1", "write,verify,init");
        await scene.SyncAsync();
        Verdict.Same(scene.Pair.Source, scene.Pair.Target);

        new RandomContent(2).WriteTo(scene.Pair.Source, 1024 * 1024, 65536);
        // The key's command counts, not this.
        var summary = await scene.SyncAsync("--remote-rsyncfs", "/nowhere/rsyncfs");
        Verdict.Same(scene.Pair.Source, scene.Pair.Target);
        Assert.Equal(65536, summary.TargetWritten);
        await KeyScene.Program.RunOkAsync(scene.Line("verify"));
    }

    [Fact]
    public async Task TheReceiverThatRunsThereTakesTheSenderOver()
    {
        await using var scene = await SshScene.StartAsync();
        scene.Authorize(scene.Forced());
        await scene.KnowAsync("web1", "write,verify,init");
        await scene.Pair.ServeAsync();
        await scene.SyncAsync();
        Verdict.Same(scene.Pair.Source, scene.Pair.Target);
        await scene.Pair.Receiver.WaitForErrorLineAsync(", ssh) → db01");
    }

    [Fact]
    public async Task WithoutACommandOfTheKeyTheSenderSaysWhatRunsAndIsKnownByItsMachinesName()
    {
        await using var scene = await SshScene.StartAsync();
        await scene.KnowAsync(Environment.MachineName, "write,init");
        await scene.SyncAsync("--remote-rsyncfs", $"env HOME=/ {Wrapper(scene)}");
        Verdict.Same(scene.Pair.Source, scene.Pair.Target);
    }

    [Fact]
    public async Task NobodyIsServedWhoIsNotKnownOrHasNotTheRight()
    {
        await using var scene = await SshScene.StartAsync();
        scene.Authorize(scene.ForcedWithTarget);
        var error = await KeyScene.FailAsync("key-unknown", 6, scene.Line("sync"));
        output.WriteLine(error);
        Assert.Contains("rsyncfs peer add web1 ssh --allow", error, StringComparison.Ordinal);

        await scene.KnowAsync("web1", "verify");
        error = await KeyScene.FailAsync("access-denied", 6, scene.Line("sync"));
        Assert.Contains("rsyncfs peer allow web1 db01=write", error, StringComparison.Ordinal);
        scene.Pair.AssertUntouched();
    }

    [Fact]
    public async Task ASessionWhosePeerIsRemovedEndsWithTheReload()
    {
        await using var scene = await SshScene.StartAsync();
        scene.Authorize(scene.Forced());
        await scene.KnowAsync("web1", "write,init");
        await scene.Pair.ServeAsync();
        await scene.SyncAsync();
        var before = scene.Pair.TargetHash();
        await using var sender = await scene.Pair.StopHalfWayAsync(scene.Line("sync"));
        await KeyScene.Program.RunOkAsync("peer", "remove", "web1", "--state", scene.Pair.ReceiverState);
        scene.Pair.Receiver.Signal("HUP");
        await scene.Pair.Receiver.WaitForErrorLineAsync("the sender lost its right");
        sender.Signal("CONT");
        var said = await sender.WaitAsync();
        Assert.NotEqual(0, said.ExitCode);
        Assert.Equal(before, scene.Pair.TargetHash());
        await KeyScene.FailAsync("key-unknown", 6, scene.Line("sync"));
    }

    /// <summary>Nobody tells it that the list was changed.</summary>
    [Fact]
    public async Task AReceiverOfOneSessionEndsItWhenThePeerIsRemoved()
    {
        await using var scene = await SshScene.StartAsync();
        scene.Authorize(scene.ForcedWithTarget);
        await scene.KnowAsync("web1", "write,init");
        await scene.SyncAsync();
        var before = scene.Pair.TargetHash();
        await using var sender = await scene.Pair.StopHalfWayAsync(scene.Line("sync"));
        await KeyScene.Program.RunOkAsync("peer", "remove", "web1", "--state", scene.Pair.ReceiverState);
        // Whoever can be had by another has been given up.
        await Poll.UntilAsync(() =>
            Command.Try("flock", "--nonblock", scene.TargetLock, "true").ExitCode == 0
        );
        sender.Signal("CONT");
        Assert.NotEqual(0, (await sender.WaitAsync()).ExitCode);
        Assert.Equal(before, scene.Pair.TargetHash());
    }

    /// <summary>It looks every few seconds. That it can not look now says nothing of the peer.</summary>
    [Fact]
    public async Task AReceiverOfOneSessionGoesOnWhenTheMachineCanNotReadTheList()
    {
        await using var scene = await SshScene.StartAsync();
        scene.Authorize(scene.ForcedWithTarget);
        await scene.KnowAsync("web1", "write,init");
        await scene.SyncAsync();
        await using var sender = await scene.Pair.StopHalfWayAsync(scene.Line("sync"));
        var receiver = OtherProcess.Below(scene.DaemonId).Single(process => process.Name is "rsyncfs");
        await using var tracer = await CallTracer.InjectAsync(
            receiver.Id,
            [scene.Pair.ReceiverPeers],
            ["openat"],
            at: 1,
            "EMFILE",
            isForever: true
        );
        await tracer.Reached;
        sender.Signal("CONT");
        var said = await sender.WaitAsync();
        Assert.True(said.ExitCode == 0, said.ToString());
        Verdict.Same(scene.Pair.Source, scene.Pair.Target);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ADamagedListOfPeersRefusesEverybodyAndTellsNobodyWhereItIs(bool isRelayed)
    {
        await using var scene = await SshScene.StartAsync();
        scene.Authorize(isRelayed ? scene.Forced() : scene.ForcedWithTarget);
        await scene.KnowAsync("web1", "write,init");
        if (isRelayed)
        {
            await scene.Pair.ServeAsync();
        }

        await File.AppendAllTextAsync(
            scene.Pair.ReceiverPeers,
            "nonsense\n",
            TestContext.Current.CancellationToken
        );
        var error = await KeyScene.FailAsync("key-file", 3, scene.Line("sync", "-vv"));
        output.WriteLine(error);
        Assert.Contains("the receiver can not look up keys now", error, StringComparison.Ordinal);
        Assert.Contains("on the receiver: rsyncfs peer list", error, StringComparison.Ordinal);
        // Nor whoever listens to what ssh brings.
        var raw = scene.LogIn();
        output.WriteLine(raw);
        Assert.Contains("can not look up keys now", raw, StringComparison.Ordinal);
        Assert.DoesNotContain(scene.Pair.ReceiverState, error + raw, StringComparison.Ordinal);
        scene.Pair.AssertUntouched();
        if (isRelayed)
        {
            await scene.Pair.Receiver.WaitForErrorLineAsync("the list of peers can not be used [key-file]");
            await scene.Pair.Receiver.WaitForErrorLineAsync($"where  {scene.Pair.ReceiverPeers}");
        }
    }

    /// <summary>In the directory of a user who would like to be root.</summary>
    [Fact]
    public async Task ASshThatLiesAroundIsNotRun()
    {
        await using var scene = await SshScene.StartAsync();
        scene.Authorize(scene.ForcedWithTarget);
        await scene.KnowAsync("web1", "write,init");
        using var here = new TemporaryDirectory();
        var trap = here.At("ssh");
        await File.WriteAllTextAsync(
            trap,
            "#!/bin/sh\ntouch sprung\n",
            TestContext.Current.CancellationToken
        );
        Command.Run("chmod", "755", trap);
        var said = await KeyScene.Program.After("env", "-C", here.Path).RunAsync(scene.Line("sync"));
        Assert.True(said.ExitCode == 0, said.ToString());
        Assert.False(File.Exists(here.At("sprung")));
    }

    [Fact]
    public async Task ASenderThatIsKilledLeavesTheTargetWholeAndTheNextGoesOn()
    {
        await using var scene = await SshScene.StartAsync();
        scene.Authorize(scene.ForcedWithTarget);
        await scene.KnowAsync("web1", "write,init");
        await scene.SyncAsync();
        var before = scene.Pair.TargetHash();
        await using (var sender = await scene.Pair.StopHalfWayAsync(scene.Line("sync")))
        {
            sender.Kill();
            await sender.WaitAsync();
        }

        Assert.Equal(before, scene.Pair.TargetHash());
        // The receiver that lost its sender may hold the target for a moment yet.
        var said = await KeyScene.Program.RunAsync(scene.Line("sync"));
        for (var attempt = 1; attempt < 50 && said.ExitCode == 11; attempt++)
        {
            said = await KeyScene.Program.RunAsync(scene.Line("sync"));
        }

        Assert.True(said.ExitCode == 0, said.ToString());
        Verdict.Same(scene.Pair.Source, scene.Pair.Target);
    }

    [Fact]
    public async Task ATargetThatIsBusyElsewhereIsSaidToBeSo()
    {
        await using var scene = await SshScene.StartAsync();
        await scene.KnowAsync("web1", "write,init");
        await scene.Pair.ServeAsync();
        scene.Authorize(scene.ForcedWithTarget);
        var error = await KeyScene.FailAsync("locked", 11, scene.Line("sync"));
        output.WriteLine(error);
        scene.Pair.AssertUntouched();
    }

    [Fact]
    public async Task WhereNoReceiverRunsTheSenderIsToldWhatToStart()
    {
        await using var scene = await SshScene.StartAsync();
        scene.Authorize(scene.Forced());
        await scene.KnowAsync("web1", "write,init");
        var error = await KeyScene.FailAsync("unreachable", 5, scene.Line("sync"));
        output.WriteLine(error);
        Assert.Contains("start 'rsyncfs serve' there", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nowhere/rsyncfs", "connection-lost", "--remote-rsyncfs PATH")]
    [InlineData("echo hello there; echo", "connection-lost", "hello there")]
    public async Task WhatIsNoReceiverIsSaidToBeNone(string remote, string id, string said)
    {
        await using var scene = await SshScene.StartAsync();
        var error = await KeyScene.FailAsync(id, 5, scene.Line("sync", "--remote-rsyncfs", remote));
        output.WriteLine(error);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AHostThatSshDoesNotReachIsSaidInTheWordsOfSsh()
    {
        await using var scene = await SshScene.StartAsync();
        string[] line = [.. scene.Line("sync")];
        line[2] = "rsyncfs+ssh://127.0.0.1:1/db01";
        var error = await KeyScene.FailAsync("unreachable", 5, line);
        output.WriteLine(error);
        Assert.Contains("Connection refused", error, StringComparison.Ordinal);
    }

    /// <summary>Profiles of shells print things.</summary>
    [Fact]
    public async Task WhatALoginPrintsBeforeIsPassedOver()
    {
        await using var scene = await SshScene.StartAsync();
        scene.Authorize($"echo welcome; printf 'rsyncfs-stdio '; {scene.ForcedWithTarget}");
        await scene.KnowAsync("web1", "write,init");
        await scene.SyncAsync();
        Verdict.Same(scene.Pair.Source, scene.Pair.Target);
    }

    [Fact]
    public async Task StdioIsNotForPeople()
    {
        await using var scene = new KeyScene();
        var said = await KeyScene
            .Program.After("sh", "-c", "\"$@\" </dev/null >/dev/null", "sh")
            .RunAsync("serve", "--stdio", "--peer", "web1", "--state", scene.ReceiverState);
        output.WriteLine(said.ToString());
        Assert.Equal(2, said.ExitCode);
        Assert.Contains("this is for ssh to run", said.Error, StringComparison.Ordinal);
    }

    /// <summary>What a person puts there so that the state directory need not be the default: a script.</summary>
    private static string Wrapper(SshScene scene)
    {
        var path = Path.Combine(Path.GetDirectoryName(scene.Pair.Source)!, "remote-rsyncfs");
        File.WriteAllText(
            path,
            $"#!/bin/sh\nexec {RsyncFsProgram.Path} \"$@\" --state {scene.Pair.ReceiverState} --target db01={scene.Pair.Target},init\n"
        );
        Command.Run("chmod", "755", path);
        return path;
    }
}
