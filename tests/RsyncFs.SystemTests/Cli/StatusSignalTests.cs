using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RsyncFs.SystemTests.Fixtures;
using RsyncFs.SystemTests.Jobs;
using Xunit;

namespace RsyncFs.SystemTests.Cli;

/// <summary>SIGUSR1: what is at work says where it is, and goes on.</summary>
public sealed class StatusSignalTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task ASenderAndItsReceiverSayHowFarTheyAre()
    {
        using var scene = new JobScene();
        scene.Make("a");
        await using var both = new ReplicationScene(scene.Source("a"), scene.Copy("a"));
        await both.ServeAsync("init=overwrite");
        Assert.Equal("rsyncfs: no sessions", await AskAsync(both.Receiver, "no sessions"));
        // Half a minute: the image is random.
        await using var sender = both.Start("--bwlimit", "64KiB/s", "--progress", "none", "-q");
        var line = await AskAsync(sender, ": transfer ");
        output.WriteLine(line);
        Assert.StartsWith(
            $"{scene.Source("a")} → {both.Destination}: transfer ",
            line,
            StringComparison.Ordinal
        );
        Assert.Contains("% done ", line, StringComparison.Ordinal);
        var session = await AskAsync(both.Receiver, " → db01: ");
        output.WriteLine(session);
        Assert.False(sender.HasExited);
        Assert.Equal(143, (await sender.StopAsync()).ExitCode);
    }

    [Fact]
    public async Task AVerifyThatGetsNoAnswerSaysThatItHasReadNothingYet()
    {
        using var scene = new JobScene();
        scene.Make("a");
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        await using var verify = new RsyncFsProgram().Start(
            "verify",
            scene.Source("a"),
            $"rsyncfs+tcp://127.0.0.1:{port}/t",
            "--state",
            scene.State
        );
        var line = await AskAsync(verify, $"{scene.Source("a")} → ");
        // Whether it has begun to connect when it is first asked is the machine's affair.
        Assert.Matches(": (begun .* ago, nothing read yet|connect 0% done 0 B .*)$", line);
    }

    [Fact]
    public async Task ALoopSaysWhenEachDestinationComesNext()
    {
        using var scene = new JobScene();
        scene.Make("a", "b");
        scene.Write(
            $$"""
            version: 1
            state: {{scene.State}}
            defaults: { interval: 1h }
            jobs:
              - { name: a, device: {{scene.Source("a")}}, to: [{{scene.Copy("a")}}] }
              - name: b
                device: {{scene.Source("b")}}
                to: [{{scene.Copy("b")}}]
                hooks: [{ at: pre_snapshot, run: [/bin/sh, -c, "echo at work >&2; exec sleep 600"], timeout: 5m }]
            """
        );
        await using var loop = scene.Start("loop", "--all");
        await loop.WaitForErrorLineAsync("at work");
        output.WriteLine(await AskAsync(loop, $"a → {scene.Copy("a")}: next cycle in "));
        output.WriteLine(await AskAsync(loop, $"b → {scene.Copy("b")}: snapshot 0% done "));
        Assert.Equal(143, (await loop.StopAsync()).ExitCode);
    }

    /// <summary>Asks until it says what it should: a signal may come before it has got that far.</summary>
    private static async Task<string> AskAsync(RunningProgram program, string part)
    {
        // A process that does not listen yet would be ended by the signal: SigCgt of proc(5).
        await Poll.UntilAsync(() => program.HasExited || IsCaught(program.Id));
        var said = program.WaitForErrorLineAsync(part);
        while (!said.IsCompleted && !program.HasExited)
        {
            _ = Command.Try("kill", "-s", "USR1", program.Id.ToString(CultureInfo.InvariantCulture));
            await Task.WhenAny(said, Task.Delay(Pause, TestContext.Current.CancellationToken));
        }

        return await said;
    }

    private static bool IsCaught(int process)
    {
        const ulong User1 = 1UL << (10 - 1);
        var mask = File.ReadLines($"/proc/{process}/status")
            .First(line => line.StartsWith("SigCgt:", StringComparison.Ordinal))
            .Split('\t')[1];
        return (ulong.Parse(mask, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & User1) != 0;
    }
}
