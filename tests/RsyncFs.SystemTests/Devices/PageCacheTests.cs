using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Devices;

/// <summary>What lies in the page cache misleads neither our reads nor the evidence of who wrote.</summary>
public sealed class PageCacheTests
{
    private const int Length = 1 << 20;

    [Fact]
    public void AWriteByAnotherThatWasNotWrittenBackYetIsSeenInTheEvidence()
    {
        using var loop = new LoopDevice(Length);
        using var target = LinuxBlockDevice.OpenTarget(loop.Path);
        var before = target.ReadEvidence();
        using (var other = DeviceBytes.OpenToWrite(loop.Path))
        {
            // Buffered, never flushed: until it is written back, the kernel counts nothing.
            RandomAccess.Write(other, new byte[] { 1, 2, 3 }, fileOffset: 5000);
        }

        Assert.NotEqual(before, target.ReadEvidence());
    }

    [Fact]
    public void ReadsWhatTheDeviceHoldsAndNotWhatTheCacheRemembers()
    {
        using var loop = new LoopDevice(Length);
        using var cached = DeviceBytes.OpenToRead(loop.Path);
        var stale = new byte[4096];
        RandomAccess.Read(cached, stale, fileOffset: 8192);

        // The storage below changes, past the device's cache: as under a snapshot, or a disk that two hosts share.
        var fresh = new byte[4096];
        Array.Fill(fresh, (byte)0xA5);
        using var directory = new TemporaryDirectory();
        File.WriteAllBytes(directory.At("page"), fresh);
        Command.Run(
            "dd",
            $"if={directory.At("page")}",
            $"of={loop.BackingFile}",
            "bs=4096",
            "seek=2",
            "oflag=direct",
            "conv=notrunc"
        );

        var read = new byte[4096];
        using var source = LinuxBlockDevice.OpenSource(loop.Path);
        source.Read(8192, read);
        Assert.Equal(fresh, read);
        RandomAccess.Read(cached, stale, fileOffset: 8192);
        Assert.NotEqual(fresh, stale);
    }

    /// <summary>I7: the kernel marks pages clean that it failed to write, and goes on showing them (fsync(2)).</summary>
    [Fact]
    public async Task WhatAFailedFlushLostIsNotReadFromTheCache()
    {
        using var disk = await FaultyDisk.MakeAsync(16 << 20);
        using var device = disk.Device;
        Command.Run("mkfs.ext2", "-q", device.Path);
        using var mount = new Mount(device.Path, "-o", "errors=continue");
        var path = Path.Combine(mount.Path, "image");
        var before = new byte[Length];
        Array.Fill(before, (byte)0xA5);
        File.WriteAllBytes(path, before);
        Command.Run("sync", path);

        // Through the cache, as where a file system has no direct I/O; those that have none can not be made to fail.
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        using var image = new ImageFile(file, buffered: null, path, DeviceRole.Target, Length);
        disk.FailWrites(true);
        image.Write(8192, new byte[4096]);
        Assert.Throws<DeviceException>(image.Flush);
        disk.FailWrites(false);

        var read = new byte[Length];
        image.Read(0, read);
        Assert.True(read.AsSpan().SequenceEqual(before), "what never came to the disk is still shown");
    }
}
