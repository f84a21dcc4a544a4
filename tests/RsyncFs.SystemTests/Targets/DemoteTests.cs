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
