using RsyncFs.SystemTests.Fixtures;
using RsyncFs.SystemTests.Keys;
using Xunit;

namespace RsyncFs.SystemTests.Ssh;

/// <summary>
/// What lies between a sender and its receiver ends or hangs in the middle of a run: ssh, sshd, or the program that sshd
/// runs. With targets of its own, and where that hands the sender to the receiver that runs there.
/// </summary>
public sealed class SshCutTests(ITestOutputHelper output)
{
    private const string Ssh = "ssh";
    private const string Sshd = "sshd";
    private const string RsyncFs = "rsyncfs";

    [Theory]
    [InlineData(Ssh, false)]
    [InlineData(Ssh, true)]
    [InlineData(Sshd, false)]
    [InlineData(Sshd, true)]
    [InlineData(RsyncFs, false)]
    [InlineData(RsyncFs, true)]
    public async Task WhoeverIsKilledInBetweenBothEndsEndAndTheNextRunGoesOn(string killed, bool isRelayed)
    {
        await using var scene = await StartAsync(isRelayed);
        await scene.SyncAsync();
        var before = scene.Pair.TargetHash();
        await using var sender = await scene.Pair.StopHalfWayAsync(scene.Line("sync"));
        var (victim, all) = Between(scene, sender, killed);
        victim.Signal("KILL");
        sender.Signal("CONT");
        await AssertLostAsync(sender, killed);
        await AllEndAsync(scene, all, isRelayed);
        Assert.Contains(scene.Pair.TargetHash(), new[] { before, scene.Pair.SourceHash() });
        Assert.Equal(("consistent", false), await ShowAsync(scene));
        await scene.SyncAsync();
        Verdict.Same(scene.Pair.Source, scene.Pair.Target);
    }

    [Theory]
    [InlineData(Ssh, false)]
    [InlineData(Sshd, true)]
    public async Task AFirstCopyOfWhichOneInBetweenIsKilledSaysThatItIsNotWholeAndGoesOn(
        string killed,
        bool isRelayed
    )
    {
        await using var scene = await StartAsync(isRelayed);
        await using var sender = KeyScene.Program.Start(scene.Line("sync"));
        await Poll.UntilAsync(scene.Pair.IsTouched);
        sender.Signal("STOP");
        var (victim, all) = Between(scene, sender, killed);
        victim.Signal("KILL");
        sender.Signal("CONT");
        await AssertLostAsync(sender, killed);
        await AllEndAsync(scene, all, isRelayed);
        Assert.Equal(("initializing", true), await ShowAsync(scene));
        await scene.SyncAsync();
        Verdict.Same(scene.Pair.Source, scene.Pair.Target);
    }

    /// <summary>Each takes as long as the protocol waits for a peer, half a minute; so all of them run at once.</summary>
    [Fact]
    public async Task WhoeverHangsInBetweenIsWaitedForNoLongerThanTheProtocolDoes()
    {
        var stories = await Task.WhenAll(
            HangAsync(Ssh, isRelayed: false),
            HangAsync(Ssh, isRelayed: true),
            HangAsync(RsyncFs, isRelayed: false),
            HangAsync(RsyncFs, isRelayed: true)
        );
        foreach (var story in stories)
        {
            output.WriteLine(story);
        }
    }

    private static async Task<string> HangAsync(string stopped, bool isRelayed)
    {
        await using var scene = await StartAsync(isRelayed);
        await scene.SyncAsync();
        var before = scene.Pair.TargetHash();
        await using var sender = await scene.Pair.StopHalfWayAsync(scene.Line("sync"));
        var (victim, all) = Between(scene, sender, stopped);
        var started = TimeProvider.System.GetTimestamp();
        victim.Signal("STOP");
        sender.Signal("CONT");
        var said = await sender.WaitAsync();
        var senderTook = TimeProvider.System.GetElapsedTime(started);
        AssertError(said, "stalled");
        if (isRelayed)
        {
            await scene.Pair.Receiver.WaitForErrorLineAsync("[stalled]");
        }

        var receiverTook = TimeProvider.System.GetElapsedTime(started);
        if (stopped is RsyncFs)
        {
            Assert.Equal([victim], all.Where(process => process.IsThere && process.Name is not Sshd));
            await AssertServedMeanwhileAsync(scene, isRelayed);
            victim.Signal("CONT");
        }

        await Task.WhenAll(all.Select(process => process.WaitAsync()));
        Assert.Contains(scene.Pair.TargetHash(), new[] { before, scene.Pair.SourceHash() });
        Assert.Equal(("consistent", false), await ShowAsync(scene));
        await scene.SyncAsync();
        Verdict.Same(scene.Pair.Source, scene.Pair.Target);
        return $"{stopped}, relayed: {isRelayed}: the sender after {senderTook.TotalSeconds:0.0} s, the receiver after {receiverTook.TotalSeconds:0.0} s";
    }

    /// <summary>A process that is stopped has its target still; one that only hands on has none.</summary>
    private static async Task AssertServedMeanwhileAsync(SshScene scene, bool isRelayed)
    {
        if (isRelayed)
        {
            await scene.SyncAsync();
            Verdict.Same(scene.Pair.Source, scene.Pair.Target);
        }
        else
        {
            await KeyScene.FailAsync("locked", 11, scene.Line("sync"));
        }
    }

    private static async Task<SshScene> StartAsync(bool isRelayed)
    {
        var scene = await SshScene.StartAsync();
        scene.Authorize(isRelayed ? scene.Forced() : scene.ForcedWithTarget);
        await scene.KnowAsync("web1", "write,init");
        if (isRelayed)
        {
            await scene.Pair.ServeAsync();
        }

        return scene;
    }

    /// <summary>Who is between the two ends of the session, and the last of that name.</summary>
    private static (OtherProcess Victim, IReadOnlyList<OtherProcess> All) Between(
        SshScene scene,
        RunningProgram sender,
        string name
    )
    {
        OtherProcess[] all = [.. OtherProcess.Below(sender.Id), .. OtherProcess.Below(scene.DaemonId)];
        return (all.Last(process => string.Equals(process.Name, name, StringComparison.Ordinal)), all);
    }

    private static async Task AssertLostAsync(RunningProgram sender, string killed)
    {
        var cause = AssertError(await sender.WaitAsync(), "connection-lost");
        // Of a line that is gone ssh learns by what it reads, or by what it writes.
        string[] said = killed switch
        {
            Ssh => ["ssh ended with exit code 137: signal 9"],
            Sshd =>
            [
                "ssh said last: Connection to 127.0.0.1 closed by remote host.",
                "ssh said last: client_loop: send disconnect: Broken pipe",
                "ssh said last: client_loop: send disconnect: Connection reset by peer",
            ],
            _ => ["ssh ended with exit code 255"],
        };
        Assert.Contains(cause, said.Select(words => $"the receiver ended, or the line broke; {words}"));
    }

    private static string? AssertError(ProgramResult said, string id)
    {
        Assert.True(said.ExitCode == 5, said.ToString());
        var error = Assert.Single(RunEvents.Of(said, "error"));
        Assert.Equal(id, error.GetProperty("id").GetString());
        return error.TryGetProperty("cause", out var cause) ? cause.GetString() : null;
    }

    private static async Task AllEndAsync(SshScene scene, IReadOnlyList<OtherProcess> all, bool isRelayed)
    {
        await Task.WhenAll(all.Select(process => process.WaitAsync()));
        if (isRelayed)
        {
            await scene.Pair.Receiver.WaitForErrorLineAsync("[connection-lost]");
        }
    }

    private static async Task<(string Status, bool IsInconsistent)> ShowAsync(SshScene scene)
    {
        var shown = TargetShown.Parse(
            await KeyScene.Program.RunOkAsync(
                "target",
                "show",
                "db01",
                "--json",
                "--state",
                scene.Pair.ReceiverState
            )
        );
        return (shown.Status, shown.IsInconsistent);
    }
}
