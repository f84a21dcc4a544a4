using System.Net.Sockets;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Keys;

/// <summary>A right that is taken away ends what rests on it, as soon as the receiver hears of it.</summary>
public sealed class RevocationTests(ITestOutputHelper output)
{
    [Fact]
    public async Task ASessionWhoseKeyLostItsRightEndsWithTheReload()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        await scene.SyncAsync();
        var before = scene.TargetHash();
        await using var sender = await scene.StopHalfWayAsync();
        File.Copy(Path.Combine(scene.SenderState, "peers"), Path.Combine(scene.ReceiverState, "peers"), true);
        scene.Receiver.Signal("HUP");
        await scene.Receiver.WaitForErrorLineAsync("the sender lost its right");
        sender.Signal("CONT");
        var said = await sender.WaitAsync();
        output.WriteLine(said.ToString());
        Assert.NotEqual(0, said.ExitCode);
        Assert.Equal(before, scene.TargetHash());
        await KeyScene.FailAsync("key-unknown", 6, scene.Line("sync"));
    }

    /// <summary>As <c>docs/SECURITY.md</c> says it: "Changing a key without haste".</summary>
    [Fact]
    public async Task AKeyIsChangedWhileRunsInBetweenAreRefused()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        await scene.SyncAsync();
        var old = Path.Combine(scene.SenderState, "node.key");
        var next = Path.Combine(scene.SenderState, "next.key");
        var fingerprint = (await KeyScene.Program.RunOkAsync("key", "gen", "--key", next)).Output.Trim();
        await scene.SyncAsync();
        await scene.PeerAsync("add", "web1", fingerprint, "--allow", "db01=write,verify");
        var before = scene.TargetHash();
        new RandomContent(5).WriteTo(scene.Source, 0, 65536);
        await KeyScene.FailAsync("key-unknown", 6, scene.Line("sync"));
        Assert.Equal(before, scene.TargetHash());
        File.Move(next, old, overwrite: true);
        await scene.SyncAsync();
        Verdict.Same(scene.Source, scene.Target);
    }

    /// <summary>Whoever revokes a right needs no second command, and hears what it did.</summary>
    [Fact]
    public async Task AReceiverIsToldOfAChangeAndEndsTheSessionsThatLostTheirRight()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        await scene.SyncAsync();
        var before = scene.TargetHash();
        await using var sender = await scene.StopHalfWayAsync();
        var said = await scene.AllowAsync("db01=write");
        Assert.Equal("rsyncfs: the receiver knows; 0 sessions ended\n", said.Error);
        said = await scene.PeerAsync("remove", "web1", "--json");
        Assert.Equal("rsyncfs: the receiver knows; 1 session ended\n", said.Error);
        Assert.Contains("\"ended_sessions\":1", said.Output, StringComparison.Ordinal);
        await scene.Receiver.WaitForErrorLineAsync("the sender lost its right");
        sender.Signal("CONT");
        Assert.NotEqual(0, (await sender.WaitAsync()).ExitCode);
        Assert.Equal(before, scene.TargetHash());
    }

    [Fact]
    public async Task AReceiverIsToldOfItsOwnListOnlyAndNobodyIfNoneRuns()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        Assert.Equal("", (await scene.AllowAsync("db01=write")).Error);
        var own = Path.Combine(scene.SenderState, "peers");
        await scene.ServeAsync("--peers", own);
        Assert.Equal(
            $"rsyncfs: the receiver that runs reads another list, {own}, and was told nothing\n",
            (await scene.AllowAsync("db01=verify")).Error
        );
        Assert.Equal("", (await scene.PeerAsync("allow", "web1", "db01=write", "--quiet")).Error);
        Assert.Equal("", (await scene.PeerAsync("list")).Error);

        // One that hangs has sessions that go on.
        scene.Receiver.Signal("KILL");
        await scene.Receiver.WaitAsync();
        var socket = Path.Combine(scene.ReceiverState, "control.sock");
        File.Delete(socket);
        using var silent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        silent.Bind(new UnixDomainSocketEndPoint(socket));
        silent.Listen();
        await using var telling = KeyScene.Program.Start(
            "peer",
            "remove",
            "web1",
            "--state",
            scene.ReceiverState
        );
        (await silent.AcceptAsync(TestContext.Current.CancellationToken)).Dispose();
        var told = await telling.WaitAsync();
        Assert.Equal(5, told.ExitCode);
        Assert.Contains("the receiver was not told [unreachable]", told.Error, StringComparison.Ordinal);
        Assert.Contains("kill -HUP", told.Error, StringComparison.Ordinal);
        Assert.Equal("", (await scene.PeerAsync("list")).Output);
    }

    /// <summary>Until a receiver listens for it, that signal ends it; and opening targets may take long.</summary>
    [Fact]
    public async Task AHangUpWhileTargetsAreOpenedIsNotTheEnd()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await using var serving = await KeyScene.Program.StartStoppedAsync(
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--target",
            $"db01={scene.Target},init",
            "--state",
            scene.ReceiverState
        );
        await using var tracer = await CallTracer.InjectAsync(
            serving.Id,
            [scene.Target],
            ["openat"],
            at: 1,
            "hold"
        );
        serving.Signal("CONT");
        await tracer.Reached;
        serving.Signal("HUP");
        await tracer.LetGoAsync();
        await serving.PortAsync();
        await tracer.DisposeAsync();
        Assert.Equal(143, (await serving.StopAsync()).ExitCode);
    }

    /// <summary>Right <c>write</c> is still there, and is not enough for a copy that <c>init</c> began.</summary>
    [Fact]
    public async Task AFirstCopyWhoseKeyLostInitEnds()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        await using var tracer = await CallTracer.InjectAsync(
            scene.Receiver.Id,
            [scene.Target],
            ["pwrite64"],
            at: 1,
            "hold"
        );
        await using var sender = KeyScene.Program.Start(scene.Line("sync"));
        await tracer.Reached;
        await scene.AllowAsync("db01=write,verify");
        await tracer.LetGoAsync();
        await scene.Receiver.WaitForErrorLineAsync("the sender lost its right");
        Assert.NotEqual(0, (await sender.WaitAsync()).ExitCode);
        Assert.Contains(
            "peer allow web1 db01=write,verify,init",
            await KeyScene.FailAsync("access-denied", 6, scene.Line("sync")),
            StringComparison.Ordinal
        );
        await scene.AllowAsync("db01=write,verify,init");
        await scene.SyncAsync();
        Verdict.Same(scene.Source, scene.Target);
    }

    /// <summary>Who can not be looked up has no right any more.</summary>
    [Fact]
    public async Task AListThatCanNotBeReadMakesEverybodyUnknown()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        await scene.SyncAsync();
        await using var sender = await scene.StopHalfWayAsync();
        await File.AppendAllTextAsync(
            Path.Combine(scene.ReceiverState, "peers"),
            "nonsense",
            TestContext.Current.CancellationToken
        );
        scene.Receiver.Signal("HUP");
        await scene.Receiver.WaitForErrorLineAsync(
            "rsyncfs: error: the list of peers could not be read again: nobody is known now [key-file]"
        );
        await scene.Receiver.WaitForErrorLineAsync("the sender lost its right");
        sender.Signal("CONT");
        Assert.NotEqual(0, (await sender.WaitAsync()).ExitCode);
        await KeyScene.FailAsync("key-file", 3, scene.Line("sync"));
    }

    /// <summary>The machine's failure, and not the list's: whoever comes now is refused, and nobody else.</summary>
    [Theory]
    [InlineData("openat", "EMFILE", "open: EMFILE (Too many open files)")]
    [InlineData("pread64", "EIO", "Input/output error")]
    public async Task AListThatTheMachineCanNotReadNowRefusesOneAndLeavesWhoIsKnown(
        string call,
        string fate,
        string cause
    )
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        await scene.SyncAsync();
        var other = scene.SenderState + "-other";
        Command.Run("cp", "-a", scene.SenderState, other);
        string[] newcomer = [.. scene.Line("verify").SkipLast(1), other];
        await using var sender = await scene.StopHalfWayAsync();
        // It has changed, and nobody says so: it must be read.
        await File.AppendAllTextAsync(
            scene.ReceiverPeers,
            "# nobody\n",
            TestContext.Current.CancellationToken
        );
        await using var tracer = await CallTracer.InjectAsync(
            scene.Receiver.Id,
            [scene.ReceiverPeers],
            [call],
            at: 1,
            fate
        );
        var error = await KeyScene.FailAsync("state-io", 1, newcomer);
        output.WriteLine(error);
        Assert.Contains("the receiver could not look up keys just now", error, StringComparison.Ordinal);
        Assert.DoesNotContain(scene.ReceiverState, error, StringComparison.Ordinal);
        await scene.Receiver.WaitForErrorLineAsync("the list of peers could not be read [state-io]");
        await scene.Receiver.WaitForErrorLineAsync(cause);
        await tracer.DisposeAsync();

        // Said to those alone who are known.
        await KeyScene.FailAsync("target-busy", 5, newcomer);
        sender.Signal("CONT");
        var said = await sender.WaitAsync();
        Assert.True(said.ExitCode == 0, said.ToString());
        Verdict.Same(scene.Source, scene.Target);
        await scene.SyncAsync();
    }

    /// <summary>What was known before is not true any more: that was said.</summary>
    [Fact]
    public async Task AChangeThatTheMachineCanNotReadMakesEverybodyUnknown()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        await scene.SyncAsync();
        await using var sender = await scene.StopHalfWayAsync();
        await using var tracer = await CallTracer.InjectAsync(
            scene.Receiver.Id,
            [scene.ReceiverPeers],
            ["openat"],
            at: 1,
            "EMFILE"
        );
        var told = await scene.AllowAsync("db01=write,verify");
        Assert.Equal("rsyncfs: the receiver knows; 1 session ended\n", told.Error);
        await scene.Receiver.WaitForErrorLineAsync(
            "rsyncfs: error: the list of peers could not be read again: nobody is known now [state-io]"
        );
        await scene.Receiver.WaitForErrorLineAsync("the sender lost its right");
        await tracer.DisposeAsync();
        sender.Signal("CONT");
        var said = await sender.WaitAsync();
        Assert.True(said.ExitCode != 0, said.ToString());
        await scene.SyncAsync();
        Verdict.Same(scene.Source, scene.Target);
    }
}
