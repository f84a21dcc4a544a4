using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Devices;

public sealed class KnownSignatureTests : IDisposable
{
    private const int MiB = 1024 * 1024;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void FindsNothingOnZeros()
    {
        using var loop = new LoopDevice(MiB);
        Assert.Null(KnownSignature.Find(loop.Path));
        Assert.Null(KnownSignature.Find(loop.BackingFile));
    }

    [Fact]
    public void NamesAFileSystem()
    {
        const string Uuid = "6f1c8a52-0d55-4c1c-9f0e-3b6ef1f6a0d1";
        using var loop = LoopDevice.WithExt4(8 * MiB, "-U", Uuid);
        Assert.Equal($"ext4 (UUID {Uuid})", KnownSignature.Find(loop.Path));
        using var held = LinuxBlockDevice.OpenTarget(loop.Path);
        Assert.Equal($"ext4 (UUID {Uuid})", KnownSignature.Find(loop.Path));
    }

    [Fact]
    public void NamesAPartitionTable()
    {
        var path = Image(MiB);
        var table = new byte[512];
        table[450] = 0x83; // one Linux partition, from sector 1 on
        table[454] = 1;
        table[458] = 100;
        table[510] = 0x55;
        table[511] = 0xaa;
        using (var image = ImageFile.OpenTarget(path))
        {
            image.Write(0, table);
        }

        Assert.StartsWith("dos partition table", KnownSignature.Find(path), StringComparison.Ordinal);
    }

    [Fact]
    public void TakesSignaturesThatContradictForOne()
    {
        using var both = LoopDevice.WithExt4(8 * MiB);
        using (var device = LinuxBlockDevice.OpenTarget(both.Path))
        {
            device.Write(0, "-rom1fs-"u8);
            device.Flush();
        }

        Assert.Equal("several signatures that contradict each other", KnownSignature.Find(both.Path));
    }

    [Fact]
    public void DoesNotTakeWhatCanNotBeReadForEmpty()
    {
        var failure = Assert.Throws<DeviceException>(() => KnownSignature.Find(_directory.At("missing")));
        Assert.Equal(ErrorId.TargetMissing, failure.Id);
    }

    [Fact]
    public void DoesNotTakeADeviceForEmptyThatNobodyCanLookAt()
    {
        var failure = Assert.Throws<RsyncFsException>(() =>
            KnownSignature.Find(Image(MiB), [_directory.Path])
        );
        Assert.Equal(ErrorId.DependencyMissing, failure.Id);
        Assert.Equal("apt-get install util-linux", failure.Hint);
    }

    [Fact]
    public void DoesNotTakeAFailureOfBlkidForNothingFound()
    {
        var image = Image(MiB);
        File.WriteAllText(_directory.At("blkid"), "#!/bin/sh\necho broken >&2\nexit 4\n");
        File.SetUnixFileMode(_directory.At("blkid"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var failure = Assert.Throws<DeviceException>(() => KnownSignature.Find(image, [_directory.Path]));
        Assert.Equal("blkid ended with 4: broken", failure.Cause);
    }

    private string Image(long lengthBytes)
    {
        using var image = ImageFile.CreateTarget(_directory.At("image"), lengthBytes);
        return image.Name;
    }
}
