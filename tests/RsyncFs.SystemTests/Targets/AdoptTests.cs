using RsyncFs.SystemTests.Fixtures;
using Xunit;
using static RsyncFs.SystemTests.Targets.TargetScene;

namespace RsyncFs.SystemTests.Targets;

public sealed class AdoptTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ACopyMadeByOtherMeansIsGivenOnlyWhatDiffers(bool isServed)
    {
        await using var scene = new TargetScene();
        new RandomContent(1).WriteTo(scene.Source.Path, 0, Size);
        Command.Run(
            "dd",
            $"if={scene.Source.Path}",
            $"of={scene.Target.Path}",
            "bs=1M",
            "conv=fsync",
            "status=none"
        );
        new RandomContent(2).WriteTo(scene.Source.Path, 5 * BlockBytes, 2 * BlockBytes);
        if (isServed)
        {
            await scene.Replication.ServeAsync(init: "");
        }

        var adopted = await scene.RunAsync("adopt", $"db01={scene.Target.Path}");
        output.WriteLine(adopted.ToString());
        Assert.Equal("adopted", Text(adopted, "status"));
        Assert.Equal("already_adopted", Text(await scene.RunAsync("adopt", "db01"), "status"));
        Assert.Equal(
            "already_adopted",
            Text(await scene.RunAsync("adopt", $"db01={scene.Target.Path}"), "status")
        );
        if (!isServed)
        {
            await scene.Replication.ServeAsync(init: "");
        }

        var summary = await scene.Replication.SyncAsync();
        output.WriteLine(summary.ToString());
        Assert.Equal("compare", summary.Plan);
        Assert.Equal(2 * BlockBytes, summary.Changed);
        Assert.Equal("adopted", summary.Text("target_status"));
        scene.Replication.AssertSame();
        Assert.Equal("consistent", await scene.StatusAsync());
        Assert.True((await scene.Replication.SyncAsync()).IsUnchanged);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ADeviceWithASignatureNeedsAWordAndAMountedOneIsRefusedAlways(bool isServed)
    {
        await using var scene = new TargetScene();
        Command.Run("mkfs.ext4", "-q", scene.Target.Path);
        if (isServed)
        {
            await scene.Replication.ServeAsync(init: "");
        }

        var word = $"db01={scene.Target.Path}";
        var refused = await scene.RefusedAsync(8, "target-signature", "adopt", word, "--dry-run");
        Assert.Contains("ext4", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--overwrite", refused.Error, StringComparison.Ordinal);
        Assert.Equal(8, (await scene.TryAsync("adopt", word)).ExitCode);
        if (!isServed)
        {
            using var mount = new Mount(scene.Target.Path, "-o", "ro,noload");
            Assert.Contains(
                "[target-in-use]",
                (await scene.TryAsync("adopt", word, "--overwrite")).Error,
                StringComparison.Ordinal
            );
            Assert.Contains(
                "[target-in-use]",
                (await scene.TryAsync("adopt", word, "--overwrite", "-n")).Error,
                StringComparison.Ordinal
            );
        }

        Assert.DoesNotContain("adopted", (await scene.TryAsync("list")).Output, StringComparison.Ordinal);
        Assert.Equal("adopted", Text(await scene.RunAsync("adopt", word, "--overwrite"), "status"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ANewSenderTakesATargetOverAndOnlyDifferencesTravel(bool isServed)
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed);
        Directory.Delete(scene.Replication.SenderState, recursive: true);
        if (isServed)
        {
            var lost = await scene.Replication.TrySyncAsync();
            output.WriteLine(lost.ToString());
            Assert.Equal(8, lost.ExitCode);
        }

        Assert.Equal("adopted", Text(await scene.RunAsync("adopt", "--new-sender", "db01"), "status"));
        if (!isServed)
        {
            await scene.Replication.ServeAsync();
        }

        new RandomContent(2).WriteTo(scene.Source.Path, 0, BlockBytes);
        var summary = await scene.Replication.SyncAsync();
        output.WriteLine(summary.ToString());
        Assert.Equal(BlockBytes, summary.Changed);
        scene.Replication.AssertSame();
    }

    [Fact]
    public async Task ADeviceIsOneTargetOnly()
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed: false);
        var refused = await scene.RefusedAsync(8, "target-state", "adopt", $"db02={scene.Target.Path}");
        Assert.Contains("rsyncfs target rename db01 db02", refused.Error, StringComparison.Ordinal);
        await scene.RunAsync("release", "db01");
        Assert.Equal("adopted", Text(await scene.RunAsync("adopt", $"db02={scene.Target.Path}"), "status"));
    }

    [Fact]
    public async Task AnotherDeviceThanTheReceiverServesIsRefused()
    {
        await using var scene = new TargetScene();
        using var other = new LoopDevice(Size);
        await scene.CopyAsync(isServed: true);
        await scene.RefusedAsync(8, "target-replaced", "adopt", $"db01={other.Path}");
        await scene.Replication.StopAsync();
        await scene.RefusedAsync(8, "target-replaced", "adopt", $"db01={other.Path}");
    }

    [Fact]
    public async Task WhoeverAdoptsADeviceThatWasNeverServedMustSayWhichItIs()
    {
        await using var scene = new TargetScene();
        var refused = await scene.RefusedAsync(6, "target-unknown", "adopt", "db01");
        Assert.Contains("rsyncfs target adopt db01=DEVICE", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(scene.State));
    }

    [Fact]
    public async Task AnAttemptThatFailsLeavesNothingBehind()
    {
        await using var scene = new TargetScene();
        await scene.RefusedAsync(8, "target-missing", "adopt", "db01=/dev/no-such-device");
        Assert.Empty(Directory.GetDirectories(Path.Combine(scene.State, "targets")));
    }

    [Fact]
    public async Task AnImageIsAdoptedAsALocalDestination()
    {
        await using var scene = new TargetScene();
        using var directory = new TemporaryDirectory();
        new RandomContent(1).WriteTo(scene.Source.Path, 0, Size);
        var image = directory.At("copy.img");
        Command.Run("dd", $"if={scene.Source.Path}", $"of={image}", "bs=1M", "status=none");
        new RandomContent(2).WriteTo(scene.Source.Path, 0, BlockBytes);
        Assert.Equal("adopted", Text(await scene.RunAsync("adopt", image), "status"));
        var result = await scene.SyncAsync(scene.Source.Path, image, scene.State);
        output.WriteLine(result.ToString());
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("changed 64.0 KiB (1 blocks)", result.Output, StringComparison.Ordinal);
        Verdict.Same(scene.Source.Path, image);
        var target = Assert.Single((await scene.RunAsync("list")).GetProperty("targets").EnumerateArray());
        Assert.Equal((image, "consistent"), (Text(target, "name"), Text(target, "status")));
    }
}
