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
}
