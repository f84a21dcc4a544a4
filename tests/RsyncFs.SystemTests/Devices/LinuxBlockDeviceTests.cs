using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Devices;

public sealed class LinuxBlockDeviceTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public void KnowsLengthAndLogicalBlock()
    {
        using var loop = new LoopDevice(MiB + 4096, logicalBlockBytes: 4096);
        using var device = LinuxBlockDevice.OpenSource(loop.Path);
        Assert.Equal(MiB + 4096, device.LengthBytes);
        Assert.Equal(4096, device.UnitBytes);
        Assert.Equal(loop.Path, device.Name);
    }

    [Fact]
    public void WritesPastTheCacheIntoWhatLiesBelow()
    {
        using var loop = new LoopDevice(MiB);
        using (var device = LinuxBlockDevice.OpenTarget(loop.Path))
        {
            var buffer = new AlignedBuffer(65536);
            new Random(1).NextBytes(buffer.Span);
            device.Write(65536, buffer.Span);
            device.Zero(new Extent(65536 + 4096, 8192));
            device.Flush();
            buffer.Span.Slice(4096, 8192).Clear();
            var below = File.ReadAllBytes(loop.BackingFile);
            Assert.True(below.AsSpan(65536, 65536).SequenceEqual(buffer.Span));
            Assert.False(below.AsSpan(0, 65536).ContainsAnyExcept((byte)0));
        }
    }

    [Fact]
    public void TakesAlignedMemoryWithoutACopy()
    {
        using var loop = new LoopDevice(8 * MiB);
        using var device = LinuxBlockDevice.OpenTarget(loop.Path);
        var buffer = new AlignedBuffer(4 * MiB);
        device.Write(0, buffer.Span);
        device.Read(4 * MiB, buffer.Span);
        var before = GC.GetAllocatedBytesForCurrentThread();
        device.Write(0, buffer.Span);
        device.Read(4 * MiB, buffer.Span);
        // A bounce buffer would have been made by now: a mebibyte at least.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
    }

    [Fact]
    public void NeverWritesASource()
    {
        using var loop = new LoopDevice(MiB);
        using var device = LinuxBlockDevice.OpenSource(loop.Path);
        Assert.Equal(ErrorId.Bug, Assert.Throws<RsyncFsException>(() => device.Write(0, new byte[1])).Id);
        Assert.Equal(ErrorId.Bug, Assert.Throws<RsyncFsException>(() => device.Zero(new Extent(0, 1))).Id);
    }

    [Fact]
    public void RefusesATargetThatIsMounted()
    {
        using var loop = LoopDevice.WithExt4(8 * MiB);
        using var mount = new Mount(loop.Path);
        var refusal = Assert.Throws<DeviceException>(() => LinuxBlockDevice.OpenTarget(loop.Path));
        Assert.Equal(ErrorId.TargetInUse, refusal.Id);
        Assert.Equal($"mounted at {mount.Path}", refusal.Cause);
        Assert.Equal(loop.Path, refusal.Where);
        Assert.Contains("unmount", refusal.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void KeepsMountsAwayWhileItIsATarget()
    {
        using var loop = LoopDevice.WithExt4(8 * MiB);
        using var directory = new TemporaryDirectory();
        using (LinuxBlockDevice.OpenTarget(loop.Path))
        {
            var mount = Command.Try("mount", loop.Path, directory.Path);
            Assert.NotEqual(0, mount.ExitCode);
        }

        Command.Run("mount", loop.Path, directory.Path);
        Command.Unmount(directory.Path);
    }

    [Fact]
    public void RefusesASecondOpeningAsTarget()
    {
        using var loop = new LoopDevice(MiB);
        using var first = LinuxBlockDevice.OpenTarget(loop.Path);
        var refusal = Assert.Throws<DeviceException>(() => LinuxBlockDevice.OpenTarget(loop.Path));
        Assert.Equal(ErrorId.TargetInUse, refusal.Id);
        Assert.Equal("held by another process", refusal.Cause);
    }

    [Fact]
    public void RefusesADiskWhosePartitionIsMounted()
    {
        using var disk = new LoopDevice(16 * MiB);
        using var partition = new LoopPartition(disk, startBytes: MiB, lengthBytes: 8 * MiB);
        Command.Run("mkfs.ext4", "-q", partition.Path);
        using var mount = new Mount(partition.Path);
        var refusal = Assert.Throws<DeviceException>(() => LinuxBlockDevice.OpenTarget(disk.Path));
        Assert.Equal(ErrorId.TargetInUse, refusal.Id);
        Assert.Equal($"{disk.Path}p1 is mounted at {mount.Path}", refusal.Cause);
        Assert.True(LinuxBlockDevice.IsInUse(disk.Path, out var by));
        Assert.Equal(refusal.Cause, by);
    }

    [Fact]
    public void RefusesAPartitionWhoseDiskIsMounted()
    {
        using var disk = LoopDevice.WithExt4(16 * MiB);
        using var partition = new LoopPartition(disk, startBytes: MiB, lengthBytes: 8 * MiB);
        using var mount = new Mount(disk.Path);
        var refusal = Assert.Throws<DeviceException>(() => LinuxBlockDevice.OpenTarget(partition.Path));
        Assert.Equal(ErrorId.TargetInUse, refusal.Id);
        Assert.Equal($"{disk.Path} is mounted at {mount.Path}", refusal.Cause);
    }

    [Fact]
    public void RefusesATargetWhoseNodeIsLocked()
    {
        using var loop = new LoopDevice(MiB);
        using var holder = new FileStream(loop.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var refusal = Assert.Throws<DeviceException>(() => LinuxBlockDevice.OpenTarget(loop.Path));
        Assert.Equal(ErrorId.TargetInUse, refusal.Id);
        Assert.Contains("lock", refusal.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void RefusesATargetThatIsReadOnly()
    {
        using var loop = new LoopDevice(MiB);
        loop.MakeReadOnly();
        var refusal = Assert.Throws<DeviceException>(() => LinuxBlockDevice.OpenTarget(loop.Path));
        Assert.Equal(ErrorId.TargetReadOnly, refusal.Id);
        Assert.Contains("blockdev --setrw", refusal.Hint, StringComparison.Ordinal);
        LinuxBlockDevice.OpenSource(loop.Path).Dispose();
    }

    [Fact]
    public void RefusesATargetBelowALoopDevice()
    {
        using var below = new LoopDevice(MiB);
        var above = Command.Run("losetup", "--show", "--find", below.Path).Trim();
        try
        {
            var refusal = Assert.Throws<DeviceException>(() => LinuxBlockDevice.OpenTarget(below.Path));
            Assert.Equal(ErrorId.TargetInUse, refusal.Id);
            Assert.Contains(above, refusal.Cause, StringComparison.Ordinal);
        }
        finally
        {
            Command.Run("losetup", "--detach", above);
        }
    }

    [Fact]
    public void NeverMakesADevice()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.At("missing");
        Assert.Equal(
            ErrorId.TargetMissing,
            Assert.Throws<DeviceException>(() => LinuxBlockDevice.OpenTarget(path)).Id
        );
        Assert.Equal(
            ErrorId.SourceMissing,
            Assert.Throws<DeviceException>(() => LinuxBlockDevice.OpenSource(path)).Id
        );
        Assert.Empty(Directory.GetFileSystemEntries(directory.Path));
    }

    [Fact]
    public void RefusesADeviceNodeWithNoDeviceBehind()
    {
        using var directory = new TemporaryDirectory();
        var node = directory.At("node");
        Root.Require();
        Command.Run("mknod", node, "b", "240", "77");
        // A file system mounted nodev says EACCES instead.
        Assert.Contains(
            Assert.Throws<DeviceException>(() => LinuxBlockDevice.OpenTarget(node)).Id,
            (ErrorId[])[ErrorId.TargetMissing, ErrorId.PermissionDenied]
        );
    }

    [Fact]
    public void RefusesFilesAsDevices()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.At("file"), "content");
        var refusal = Assert.Throws<DeviceException>(() => LinuxBlockDevice.OpenTarget(directory.At("file")));
        Assert.Equal("it is a file", refusal.Cause);
        Assert.Equal("content", File.ReadAllText(directory.At("file")));
    }

    [Fact]
    public void TellsWhetherASourceIsInUse()
    {
        using var loop = LoopDevice.WithExt4(8 * MiB);
        Assert.False(LinuxBlockDevice.IsInUse(loop.Path, out var by));
        Assert.Null(by);
        using (LinuxBlockDevice.OpenTarget(loop.Path))
        {
            Assert.True(LinuxBlockDevice.IsInUse(loop.Path, out by));
            Assert.Equal("held by another process", by);
        }

        using var mount = new Mount(loop.Path);
        Assert.True(LinuxBlockDevice.IsInUse(loop.Path, out by));
        Assert.Equal($"mounted at {mount.Path}", by);
    }

    [Fact]
    public void TellsThatASourceIsSwap()
    {
        using var loop = new LoopDevice(4 * MiB);
        Command.Run("mkswap", loop.Path);
        Command.Run("swapon", loop.Path);
        try
        {
            Assert.True(LinuxBlockDevice.IsInUse(loop.Path, out var by));
            Assert.Equal("in use as swap", by);
        }
        finally
        {
            Command.Run("swapoff", loop.Path);
        }
    }

    [Fact]
    public void ReportsWhereAndWhyAWriteFailed()
    {
        // The file below is longer than its file system has room for: the loop device answers with an error.
        using var loop = new LoopDevice(8 * MiB, directory: TemporaryDirectory.OnTmpfs(2 * MiB));
        using var device = LinuxBlockDevice.OpenTarget(loop.Path);
        var buffer = new AlignedBuffer(4 * MiB);
        buffer.Span.Fill(1);
        var before = device.ReadEvidence();
        var failure = Assert.Throws<DeviceException>(() => device.Write(MiB, buffer.Span));
        Assert.Equal(ErrorId.TargetIo, failure.Id);
        Assert.Equal($"{loop.Path}, {4 * MiB} bytes at offset {MiB}", failure.Where);
        Assert.Matches("^pwrite: (EIO|ENOSPC) ", failure.Cause);
        Assert.NotEqual(0, failure.Errno);
        Assert.NotNull(failure.Hint);
        Assert.Equal(0, device.SectorsWritten);
        Assert.False(device.ReadEvidence().Follows(before, device.SectorsWritten));
    }
}
