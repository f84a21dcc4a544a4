using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RsyncFs.SystemTests.Fixtures;
using RsyncFs.SystemTests.Keys;
using RsyncFs.Tests;
using Xunit;

namespace RsyncFs.SystemTests.Systemd;

/// <summary>The receiver as a service, with the least that it needs.</summary>
public sealed class ServiceTests(ITestOutputHelper output)
{
    private const int MiB = 1024 * 1024;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AUserWithoutACapabilityReceivesWithItsGroupAlone()
    {
        await using var scene = new ServiceScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        AssertConfined(scene.Receiver);
        Assert.Equal(
            $"READY=1\nSTATUS=listening on 127.0.0.1:{scene.Port}; targets: 1",
            await scene.Manager.WaitForAsync(2)
        );

        Assert.Equal("full", (await scene.SyncAsync()).Plan);
        new RandomContent(2).WriteTo(scene.Source.Path, MiB, MiB);
        Assert.Equal("digest", (await scene.SyncAsync()).Plan);
        await ServiceScene.AsRoot.RunOkAsync(scene.Line("verify"));

        // Asked for by its own user, and by root.
        foreach (var program in new[] { ServiceScene.AsUser, ServiceScene.AsRoot })
        {
            var list = await program.RunOkAsync("target", "list", "--json", "--state", scene.State);
            Assert.Contains("\"served\":true", list.Output, StringComparison.Ordinal);
        }

        await ServiceScene.AsRoot.RunOkAsync("target", "promote", "db01", "--state", scene.State);
        await ServiceScene.AsRoot.RunOkAsync("target", "demote", "--yes", "db01", "--state", scene.State);

        await Poll.UntilAsync(() => scene.Manager.AliveCount > 2);
        AssertOwn(scene.State);
    }

    [Fact]
    public async Task ItIsReloadedAndEndedAsSystemdDoesIt()
    {
        await using var scene = new ServiceScene(isAbstract: true);
        await scene.PairAsync();
        await scene.ServeAsync();
        await scene.SyncAsync();
        await ServiceScene.AsRoot.RunOkAsync(
            "peer",
            "remove",
            "web1",
            "--state",
            Path.GetDirectoryName(scene.Peers)!
        );
        scene.Receiver.Signal("HUP");
        Assert.StartsWith(
            "RELOADING=1\nMONOTONIC_USEC=",
            await scene.Manager.WaitForAsync(3),
            StringComparison.Ordinal
        );
        Assert.Equal("READY=1", await scene.Manager.WaitForAsync(4));
        await KeyScene.FailAsync("key-unknown", 6, scene.Line("sync"));

        var ended = await scene.Receiver.StopAsync();
        // The unit takes it for success.
        Assert.Equal(143, ended.ExitCode);
        Assert.StartsWith("STOPPING=1", scene.Manager.Said[^1], StringComparison.Ordinal);
        Assert.Equal(5, scene.Manager.Said.Count);
    }

    [Fact]
    public async Task ItIsStartedByTheFirstWhoComes()
    {
        await using var scene = new ServiceScene(isAbstract: true);
        await scene.PairAsync();
        await scene.ListenAsync();
        Assert.Equal("full", (await scene.SyncAsync()).Plan);
        AssertConfined(scene.Receiver);
        Assert.Contains(
            $"127.0.0.1:{scene.Port}",
            await scene.Manager.WaitForAsync(2),
            StringComparison.Ordinal
        );
        // No program that it starts has the port.
        const int CloseOnExec = 0x80000;
        var flags = Field($"/proc/{scene.Receiver.Id}/fdinfo/3", "flags:");
        Assert.NotEqual(0, Convert.ToInt32(flags, fromBase: 8) & CloseOnExec);
        new RandomContent(2).WriteTo(scene.Source.Path, MiB, MiB);
        Assert.Equal("digest", (await scene.SyncAsync()).Plan);
        Assert.Equal(143, (await scene.Receiver.StopAsync()).ExitCode);
    }

    /// <summary>A filter that is too narrow does not show in systemd-analyze: the program just does not start.</summary>
    [Fact]
    public async Task TheSystemCallsThatItsUnitAllowsAreEnough()
    {
        await using var scene = new ServiceScene();
        await scene.PairAsync();
        await scene.ServeWithAsync(
            AllowedCalls.Of(Path.Combine(SourceTree.Root, "scripts/systemd/rsyncfs-recv.service"))
        );
        await scene.SyncAsync();
        new RandomContent(2).WriteTo(scene.Source.Path, MiB, MiB);
        await scene.SyncAsync();
        await ServiceScene.AsRoot.RunOkAsync(scene.Line("verify"));
        await ServiceScene.AsRoot.RunOkAsync("target", "show", "db01", "--state", scene.State);
        scene.Receiver.Signal("HUP");
        Assert.Equal(143, (await scene.Receiver.StopAsync()).ExitCode);
        // The runtime asks for the priority that its threads have anyway.
        Assert.Equal(["sched_setscheduler"], scene.Refused());
    }

    [Fact]
    public async Task APassedSocketAndAnAddressContradictEachOther()
    {
        await using var scene = new ServiceScene();
        await scene.PairAsync();
        await scene.ListenAsync("--listen", "127.0.0.1:0");
        using var caller = new TcpClient();
        await caller.ConnectAsync(IPAddress.Loopback, scene.Port, Token);
        var said = await scene.Receiver.WaitAsync();
        output.WriteLine(said.Error);
        Assert.Equal(2, said.ExitCode);
        Assert.Contains(
            $"systemd has passed the socket 127.0.0.1:{scene.Port}",
            said.Error,
            StringComparison.Ordinal
        );
        Assert.Contains("leave --listen out", said.Error, StringComparison.Ordinal);
        Assert.Empty(scene.Manager.Said);
    }

    [Theory]
    [InlineData("1", "</dev/null", "it is no TCP socket")]
    [InlineData("2", "</dev/null", "there are 2")]
    public async Task APassedDescriptorThatIsNoneIsRefused(string count, string descriptor, string cause)
    {
        await using var scene = new ServiceScene();
        await scene.PairAsync();
        var script = $"LISTEN_PID=$$ LISTEN_FDS={count} exec \"$@\" 3{descriptor}";
        var said = await new RsyncFsProgram("sh", "-c", script, "sh").RunAsync(scene.ServeLine());
        output.WriteLine(said.Error);
        Assert.Equal(2, said.ExitCode);
        Assert.Contains(cause, said.Error, StringComparison.Ordinal);
        Assert.Contains(".socket unit", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADeviceThatItHasNoRightToIsNamedAndLeftAlone()
    {
        await using var scene = new ServiceScene();
        await scene.PairAsync();
        Command.Run("chgrp", "0", scene.Target.Path);
        var before = scene.Target.SectorsWritten;
        var said = await ServiceScene.AsUser.RunAsync(scene.ServeLine("--listen", "127.0.0.1:0"));
        output.WriteLine(said.Error);
        Assert.Equal(6, said.ExitCode);
        Assert.Contains("[permission-denied]", said.Error, StringComparison.Ordinal);
        Assert.Contains(scene.Target.Path, said.Error, StringComparison.Ordinal);
        Assert.Contains("udev rule", said.Error, StringComparison.Ordinal);
        Assert.Contains("group", said.Error, StringComparison.Ordinal);
        Assert.Equal(before, scene.Target.SectorsWritten);
    }

    /// <summary>Of what the scene claims: nothing of root's is left to it, and nothing can be had.</summary>
    private static void AssertConfined(RunningProgram program)
    {
        var status = $"/proc/{program.Id}/status";
        Assert.All(Field(status, "Uid:").Split('\t'), user => Assert.Equal(ServiceScene.User, user));
        Assert.Equal("", Field(status, "Groups:"));
        Assert.Equal("1", Field(status, "NoNewPrivs:"));
        foreach (var set in new[] { "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:" })
        {
            Assert.Equal(
                0,
                long.Parse(Field(status, set), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            );
        }
    }

    /// <summary>All of it is the service's, and nobody else may look at it.</summary>
    private static void AssertOwn(string directory)
    {
        var strangers = Command.Run(
            "find",
            directory,
            "(",
            "!",
            "-uid",
            ServiceScene.User,
            "-o",
            "-perm",
            "/077",
            ")"
        );
        Assert.Equal("", strangers);
    }

    private static string Field(string path, string name) =>
        File.ReadLines(path)
            .Single(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..]
            .Trim();
}
