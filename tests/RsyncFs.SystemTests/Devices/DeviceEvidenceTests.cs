using System.Security.Cryptography;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Devices;

/// <summary>Rule C2: the write counter moved by exactly the sectors that we wrote, or the target is read again.</summary>
public sealed class DeviceEvidenceTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public void FollowsEveryWriteAndZeroOfOurs()
    {
        var seed = Random.Shared.Next();
        var chance = new Random(seed);
        using var loop = new LoopDevice(4 * MiB);
        using var device = LinuxBlockDevice.OpenTarget(loop.Path);
        for (var step = 0; step < 100; step++)
        {
            var before = device.ReadEvidence();
            var sectors = device.SectorsWritten;
            var offset = chance.Next(4 * MiB);
            var length = chance.Next(Math.Min((4 * MiB) - offset, 3 << chance.Next(20)) + 1);
            if (chance.Next(2) == 0)
            {
                device.Write(offset, new byte[length]);
            }
            else
            {
                device.Zero(new Extent(offset, length));
            }

            var after = device.ReadEvidence();
            Assert.True(
                after.Follows(before, device.SectorsWritten - sectors),
                $"seed {seed}, step {step}: {length} bytes at {offset}, {before} -> {after}"
            );
        }
    }

    /// <summary>It is of another size, and so its size is what a person is asked about.</summary>
    [Fact]
    public void APartitionThatHasGrownIsTheSameDevice()
    {
        using var loop = new LoopDevice(16 * MiB);
        using var partition = new LoopPartition(loop, startBytes: MiB, lengthBytes: 4 * MiB);
        var before = DeviceIdentity.StableIdOf(partition.Path);
        Assert.NotEmpty(before);
        partition.Resize(8 * MiB);
        Assert.Equal(before, DeviceIdentity.StableIdOf(partition.Path));
        Assert.NotEqual(before, DeviceIdentity.StableIdOf(loop.Path));
    }

    [Fact]
    public void CountsEachMemberOfALargeZero()
    {
        using var loop = new LoopDevice(512L * MiB);
        using var device = LinuxBlockDevice.OpenTarget(loop.Path);
        var before = device.ReadEvidence();
        device.Zero(new Extent(0, device.LengthBytes));
        Assert.True(device.ReadEvidence().Follows(before, 512L * MiB / 512));
        Assert.Equal(512L * MiB / 512, device.SectorsWritten);
    }

    [Fact]
    public void ShowsTheWriteOfAnother()
    {
        using var loop = new LoopDevice(MiB);
        using var device = LinuxBlockDevice.OpenTarget(loop.Path);
        var before = device.ReadEvidence();
        device.Write(0, new byte[4096]);
        Command.Run("dd", "if=/dev/zero", $"of={loop.Path}", "bs=512", "count=1", "conv=notrunc,fsync");
        Assert.False(device.ReadEvidence().Follows(before, device.SectorsWritten));
    }

    /// <summary>The kernel counts it apart, and it changes what the device holds.</summary>
    [Fact]
    public void ShowsTheDiscardOfAnother()
    {
        using var loop = new LoopDevice(MiB);
        using var device = LinuxBlockDevice.OpenTarget(loop.Path);
        device.Write(0, RandomNumberGenerator.GetBytes(65536));
        var before = device.ReadEvidence();
        Command.Run("blkdiscard", "--force", "--offset", "0", "--length", "4096", loop.Path);
        Assert.False(device.ReadEvidence().Follows(before, 0));
    }

    [Fact]
    public void ShowsThatADeviceWasMounted()
    {
        using var loop = LoopDevice.WithExt4(8 * MiB);
        using var device = LinuxBlockDevice.OpenSource(loop.Path);
        var before = device.ReadEvidence();
        new Mount(loop.Path).Dispose();
        Assert.False(device.ReadEvidence().Follows(before, 0));
    }

    [Fact]
    public void ShowsAnotherAttachmentUnderTheSameName()
    {
        using var first = new LoopDevice(MiB);
        ChangeEvidence before;
        using (var device = LinuxBlockDevice.OpenTarget(first.Path))
        {
            before = device.ReadEvidence();
        }

        // The same node and the same file, but nobody knows what happened to the file in between.
        Command.Run("losetup", "--detach", first.Path);
        Command.Run("losetup", "--direct-io=on", first.Path, first.BackingFile);
        using var again = LinuxBlockDevice.OpenTarget(first.Path);
        Assert.NotEqual(before.Identity, again.ReadEvidence().Identity);
    }

    [Fact]
    public void WhereTheKernelDoesNotCountItSaysHowToHaveItCount()
    {
        using var loop = new LoopDevice(MiB);
        using var device = LinuxBlockDevice.OpenTarget(loop.Path);
        _ = device.ReadEvidence();
        loop.StopCounting();
        var failure = Assert.Throws<DeviceException>(device.ReadEvidence);
        Assert.Equal(ErrorId.WritesUncounted, failure.Id);
        Assert.Matches("^echo 1 > /sys/.*/queue/iostats$", failure.Hint);

        Command.Run("sh", "-c", failure.Hint!);
        _ = device.ReadEvidence();
    }

    [Fact]
    public void SeesWritesThroughTheDiskFromAPartition()
    {
        using var loop = new LoopDevice(8 * MiB);
        using var partition = new LoopPartition(loop, startBytes: MiB, lengthBytes: 4 * MiB);
        using var device = LinuxBlockDevice.OpenTarget(partition.Path);
        Assert.Equal(4 * MiB, device.LengthBytes);

        var before = device.ReadEvidence();
        device.Write(0, new byte[12288]);
        device.Zero(new Extent(4096, MiB));
        var after = device.ReadEvidence();
        Assert.True(after.Follows(before, device.SectorsWritten), $"{before} -> {after}");

        Command.Run(
            "dd",
            "if=/dev/zero",
            $"of={loop.Path}",
            "bs=1M",
            "seek=2",
            "count=1",
            "conv=notrunc",
            "oflag=direct"
        );
        Assert.False(device.ReadEvidence().Follows(after, 0));
    }

    [Fact]
    public void ShowsEveryWriteToAnImageByItsTimes()
    {
        using var directory = new TemporaryDirectory();
        using var image = ImageFile.CreateTarget(directory.At("image"), 100_001);
        var seen = new HashSet<ChangeEvidence> { image.ReadEvidence() };
        Assert.False(seen.Add(image.ReadEvidence()));
        image.Write(0, new byte[4096]);
        Assert.True(seen.Add(image.ReadEvidence()));
        image.Write(100_000, new byte[1]);
        Assert.True(seen.Add(image.ReadEvidence()));
        image.Zero(new Extent(0, 8192));
        Assert.True(seen.Add(image.ReadEvidence()));
    }
}
