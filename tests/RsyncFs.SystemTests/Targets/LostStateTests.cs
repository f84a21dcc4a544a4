using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Targets;

/// <summary>A state that is damaged or gone: what is left of it is a person's, and no verb removes it.</summary>
public sealed class LostStateTests
{
    [Fact]
    public async Task AVerbThatIsRefusedRemovesNothingThatAPersonSetAside()
    {
        await using var scene = new TargetScene();
        Command.Run("mkfs.ext4", "-q", scene.Source.Path);
        await scene.CopyAsItIsAsync(isServed: false);
        var directory = Path.Combine(scene.State, "targets", "db01");
        File.WriteAllBytes(Path.Combine(directory, "state"), new byte[(1 << 20) + 512]);
        var damaged = await scene.TryAsync("adopt", $"db01={scene.Target.Path}");
        Assert.True(damaged.ExitCode == 1, damaged.ToString());
        Assert.Contains("[state-damaged]", damaged.Error, StringComparison.Ordinal);
        Assert.Contains("rsyncfs target adopt NAME=DEVICE", damaged.Error, StringComparison.Ordinal);

        File.Move(Path.Combine(directory, "state"), Path.Combine(directory, "state.bad"));
        var before = Directory.GetFiles(directory).Order(StringComparer.Ordinal);
        var refused = await scene.TryAsync("adopt", $"db01={scene.Target.Path}");
        Assert.Contains("[target-signature]", refused.Error, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFiles(directory).Order(StringComparer.Ordinal));

        // As the hint says.
        Directory.Move(directory, directory + ".old");
        await scene.RunAsync("adopt", "--overwrite", $"db01={scene.Target.Path}");
        await scene.Replication.ServeAsync(init: "");
        Assert.Equal("compare", (await scene.Replication.SyncAsync()).Plan);
        scene.Replication.AssertSame();
    }
}
