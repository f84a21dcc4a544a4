using RsyncFs.SystemTests.Fixtures;
using Xunit;
using static RsyncFs.SystemTests.Targets.TargetScene;

namespace RsyncFs.SystemTests.Targets;

/// <summary>Release, resize and rename.</summary>
public sealed class RoleTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AReleasedTargetTakesNothingUntilItIsAdopted(bool isServed)
    {
        await using var scene = new TargetScene();
        Command.Run("mkfs.ext4", "-q", scene.Source.Path);
        await scene.CopyAsItIsAsync(isServed);
        var before = scene.Witness();
        Assert.Equal("released", Text(await scene.RunAsync("release", "-n", "db01"), "status"));
        Assert.Equal(before, scene.Witness());
        Assert.Equal("released", Text(await scene.RunAsync("release", "db01"), "status"));
        Assert.Equal("already_released", Text(await scene.RunAsync("release", "db01"), "status"));
        using (new Mount(scene.Target.Path, "-o", "ro,noload"))
        {
            if (!isServed)
            {
                await scene.Replication.ServeAsync();
            }

            var refused = await scene.Replication.TrySyncAsync();
            output.WriteLine(refused.ToString());
            Assert.Equal(8, refused.ExitCode);
            Assert.Contains("[target-released]\n", refused.Error, StringComparison.Ordinal);
            Assert.Contains(
                "[target-in-use]\n",
                (await scene.TryAsync("adopt", "db01")).Error,
                StringComparison.Ordinal
            );
        }

        Assert.Equal("adopted", Text(await scene.RunAsync("adopt", "db01"), "status"));
        await scene.Replication.SyncAsync();
        scene.Replication.AssertSame();
    }

    [Fact]
    public async Task APrimaryIsNotReleased()
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed: false);
        await scene.RunAsync("promote", "db01");
        var refused = await scene.RefusedAsync(8, "target-state", "release", "db01");
        Assert.Contains("rsyncfs target demote db01", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ADeviceThatGrewIsTakenAsItIs(bool isServed)
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed);
        Assert.Equal("already_that_size", Text(await scene.RunAsync("resize", "db01"), "status"));
        scene.Source.Resize(Size + MiB);
        scene.Target.Resize(Size + MiB);
        Assert.Equal(
            (Size + MiB, Size),
            (
                (await scene.RunAsync("resize", "-n", "db01")).GetProperty("size").GetInt64(),
                (await scene.RunAsync("show", "db01")).GetProperty("size").GetInt64()
            )
        );
        Assert.Equal("resized", Text(await scene.RunAsync("resize", "db01"), "status"));
        Assert.Equal("already_that_size", Text(await scene.RunAsync("resize", "db01"), "status"));
        if (!isServed)
        {
            await scene.Replication.ServeAsync();
        }

        new RandomContent(4).WriteTo(scene.Source.Path, Size, MiB);
        var summary = await scene.Replication.SyncAsync();
        output.WriteLine(summary.ToString());
        Assert.Equal(MiB, summary.Changed);
        scene.Replication.AssertSame();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ADeviceThatShrankNeedsForce(bool isServed)
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed);
        scene.Target.Resize(Size - MiB);
        var refused = await scene.TryAsync("resize", "db01");
        Assert.True(refused.ExitCode == 8, refused.ToString());
        Assert.Contains("--force", refused.Error, StringComparison.Ordinal);
        Assert.Equal("resized", Text(await scene.RunAsync("resize", "db01", "--force"), "status"));
    }

    [Fact]
    public async Task ARenamedTargetIsServedUnderItsNewNameAtOnce()
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed: true);
        var before = scene.Witness();
        Assert.Equal("renamed", Text(await scene.RunAsync("rename", "-n", "db01", "web"), "status"));
        Assert.Equal(before, scene.Witness());

        var renamed = await scene.RunAsync("rename", "db01", "web");
        Assert.Contains(
            $"--target web={scene.Target.Path}",
            renamed.GetProperty("next")[0].GetProperty("command").GetString(),
            StringComparison.Ordinal
        );
        Assert.Equal("already_renamed", Text(await scene.RunAsync("rename", "db01", "web"), "status"));
        Assert.Equal(6, (await scene.Replication.TrySyncAsync()).ExitCode);
        Assert.Equal("consistent", await scene.StatusAsync("web"));

        Assert.Equal("renamed", Text(await scene.RunAsync("rename", "web", "db01"), "status"));
        var summary = await scene.Replication.SyncAsync();
        Assert.True(summary.IsUnchanged);
        Assert.Equal("digest", summary.Plan);
    }

    [Fact]
    public async Task ANameThatIsTakenIsRefusedAndOneThatIsNotServedMovesItsFiles()
    {
        await using var scene = new TargetScene();
        using var other = new LoopDevice(Size);
        await scene.CopyAsync(isServed: false);
        await scene.RunAsync("adopt", $"web={other.Path}");
        await scene.RefusedAsync(8, "target-state", "rename", "db01", "web");
        await scene.RefusedAsync(6, "target-unknown", "rename", "nothing", "more");
        await scene.RefusedAsync(2, "usage", "rename", "db01", "DB01");
        Assert.Equal("renamed", Text(await scene.RunAsync("rename", "db01", "db02"), "status"));
        Assert.Equal("consistent", await scene.StatusAsync("db02"));
        Assert.False(Directory.Exists(Path.Combine(scene.State, "targets", "db01")));
    }
}
