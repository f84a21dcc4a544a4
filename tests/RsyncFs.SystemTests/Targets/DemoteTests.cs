using RsyncFs.SystemTests.Fixtures;
using Xunit;
using static RsyncFs.SystemTests.Targets.TargetScene;

namespace RsyncFs.SystemTests.Targets;

public sealed class DemoteTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task APrimaryBecomesAReplicaThatIsCompared(bool isServed)
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed);
        await scene.RunAsync("promote", "db01");
        new RandomContent(3).WriteTo(scene.Target.Path, 0, 3 * BlockBytes);

        var foreseen = await scene.RunAsync("demote", "-n", "db01");
        output.WriteLine(foreseen.ToString());
        Assert.Equal(3, foreseen.GetProperty("changed_blocks").GetInt64());
        Assert.Equal(Size / BlockBytes, foreseen.GetProperty("total_blocks").GetInt64());
        Assert.Equal("primary", await scene.StatusAsync());

        var refused = await scene.RefusedAsync(8, "target-state", "demote", "db01");
        Assert.Contains("--yes", refused.Error, StringComparison.Ordinal);

        var demoted = await scene.RunAsync("demote", "--yes", "db01");
        Assert.Equal("demoted", Text(demoted, "status"));
        Assert.Equal(3, demoted.GetProperty("changed_blocks").GetInt64());
        Assert.Equal("already_replica", Text(await scene.RunAsync("demote", "--yes", "db01"), "status"));
        Assert.Equal("already_replica", Text(await scene.RunAsync("demote", "db01"), "status"));
        Assert.Equal("adopted", await scene.StatusAsync());

        if (!isServed)
        {
            await scene.Replication.ServeAsync();
        }

        var summary = await scene.Replication.SyncAsync();
        output.WriteLine(summary.ToString());
        Assert.Equal("compare", summary.Plan);
        Assert.Equal(3 * BlockBytes, summary.Changed);
        scene.Replication.AssertSame();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ADeviceThatIsMountedStaysThePrimary(bool isServed)
    {
        await using var scene = new TargetScene();
        Command.Run("mkfs.ext4", "-q", scene.Source.Path);
        await scene.CopyAsItIsAsync(isServed);
        await scene.RunAsync("promote", "db01");
        using (new Mount(scene.Target.Path, "-o", "ro,noload"))
        {
            var refused = await scene.RefusedAsync(8, "target-in-use", "demote", "--yes", "db01");
            Assert.Contains("mounted at", refused.Error, StringComparison.Ordinal);
            await scene.RefusedAsync(8, "target-in-use", "demote", "-n", "db01");
        }

        Assert.Equal("primary", await scene.StatusAsync());
    }

    /// <summary>The second half of a demote: a device that is a replica must not be sent from any more.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhoseSourceCouldNotBeRetiredIsAPrimaryStillAndIsDemotedWhenItIsSaidAgain(bool isServed)
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed);
        await scene.RunAsync("promote", "db01");
        await scene.RunAsync("reverse", "db01");
        var source = Assert.Single(Directory.GetDirectories(Path.Combine(scene.State, "sources")));
        var obstacle = Path.Combine(source, "source.new");
        Directory.CreateDirectory(obstacle);
        var failed = await scene.TryAsync("demote", "--yes", "db01");
        output.WriteLine(failed.ToString());
        Assert.NotEqual(0, failed.ExitCode);
        Assert.Equal("primary", await scene.StatusAsync());

        Directory.Delete(obstacle);
        Assert.Equal("demoted", Text(await scene.RunAsync("demote", "--yes", "db01"), "status"));
        var refused = await scene.SyncAsync(scene.Target.Path, scene.Replication.Destination, scene.State);
        Assert.True(refused.ExitCode == 9, refused.ToString());
        Assert.Contains(
            "the source became a target: it is not the primary [source-retired]",
            refused.Error,
            StringComparison.Ordinal
        );
        var again = await scene.RunAsync("demote", "db01");
        Assert.Equal("already_replica", Text(again, "status"));
        Assert.False(again.GetProperty("changed").GetBoolean());
    }

    /// <summary>A volume that was lost and made again under its old path.</summary>
    [Fact]
    public async Task ADeviceInThePlaceOfALostPrimaryIsTakenOnlyByForce()
    {
        await using var scene = new TargetScene();
        using var directory = new TemporaryDirectory();
        using var lost = new LoopDevice(Size);
        var path = directory.At("volume");
        File.CreateSymbolicLink(path, lost.Path);
        await scene.RunAsync("adopt", $"db01={path}");
        await scene.RunAsync("promote", "--force", "db01");
        File.Delete(path);
        File.CreateSymbolicLink(path, scene.Target.Path);

        foreach (
            var words in (string[][])
                [
                    ["demote", "-n", "db01"],
                    ["demote", "--yes", "db01"],
                ]
        )
        {
            var refused = await scene.RefusedAsync(8, "target-replaced", words);
            Assert.Contains("rsyncfs target demote --force db01", refused.Error, StringComparison.Ordinal);
        }

        Assert.Contains(
            "rsyncfs target demote db01",
            (await scene.RefusedAsync(8, "target-state", "adopt", $"new={path}")).Error,
            StringComparison.Ordinal
        );
        var foreseen = await scene.RunAsync("demote", "-n", "--force", "db01");
        Assert.Contains(
            "ANOTHER DEVICE",
            foreseen.GetProperty("warnings")[0].GetString(),
            StringComparison.Ordinal
        );
        Assert.Equal("primary", await scene.StatusAsync());
        var demoted = await scene.RunAsync("demote", "--force", "--yes", "db01");
        output.WriteLine(demoted.ToString());
        Assert.Equal("demoted", Text(demoted, "status"));
        Assert.Equal("adopted", await scene.StatusAsync());

        new RandomContent(1).WriteTo(scene.Source.Path, 0, Size);
        await scene.Replication.ServeAsync(init: "");
        await scene.Replication.SyncAsync();
        scene.Replication.AssertSame();
    }

    [Theory]
    [InlineData("n", 8)]
    [InlineData("", 8)]
    [InlineData("y", 0)]
    public async Task OnATerminalItSaysHowMuchWasWrittenAndAsks(string answer, int exitCode)
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed: false);
        await scene.RunAsync("promote", "db01");
        new RandomContent(3).WriteTo(scene.Target.Path, 0, BlockBytes);
        var line = $"{RsyncFsProgram.Path} target demote db01 --state {scene.State} --progress none";
        var asked = Command.Try(
            "bash",
            "-c",
            $"echo '{answer}' | script --quiet --return --command '{line}' /dev/null"
        );
        output.WriteLine(asked.Output);
        Assert.Equal(exitCode, asked.ExitCode);
        Assert.Contains(
            $"1 of {Size / BlockBytes} blocks were written since it was promoted",
            asked.Output,
            StringComparison.Ordinal
        );
        Assert.Equal(exitCode == 0 ? "adopted" : "primary", await scene.StatusAsync());
    }

    [Fact]
    public async Task AReleasedTargetIsNotDemoted()
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed: false);
        await scene.RunAsync("release", "db01");
        var refused = await scene.RefusedAsync(8, "target-state", "demote", "--yes", "db01");
        Assert.Contains("rsyncfs target adopt db01", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutAMapItSaysThatNobodyKnowsHowMuchWasWritten()
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed: false);
        await scene.RunAsync("promote", "db01");
        File.Delete(Path.Combine(scene.State, "targets", "db01", "map"));
        var foreseen = await scene.RunAsync("demote", "-n", "db01");
        Assert.False(foreseen.TryGetProperty("changed_blocks", out _));
    }
}
