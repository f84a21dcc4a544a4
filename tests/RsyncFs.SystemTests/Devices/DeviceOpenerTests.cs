using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Devices;

public sealed class DeviceOpenerTests : IDisposable
{
    private const int MiB = 1024 * 1024;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void OpensDevicesAsDevicesAndFilesAsImages()
    {
        using var loop = new LoopDevice(MiB);
        ImageFile.CreateTarget(_directory.At("image"), MiB).Dispose();
        using (var device = DeviceOpener.OpenTarget(loop.Path))
        {
            Assert.IsType<LinuxBlockDevice>(device);
        }

        using var image = DeviceOpener.OpenTarget(_directory.At("image"));
        Assert.IsType<ImageFile>(image);
        using var source = DeviceOpener.OpenSource(loop.Path);
        Assert.IsType<LinuxBlockDevice>(source);
    }

    [Fact]
    public void FollowsSymbolicLinks()
    {
        using var loop = new LoopDevice(MiB);
        File.CreateSymbolicLink(_directory.At("link"), loop.Path);
        using var device = DeviceOpener.OpenTarget(_directory.At("link"));
        Assert.Equal(MiB, device.LengthBytes);
        Assert.True(DeviceOpener.IsInUse(_directory.At("link"), out _));
    }

    [Fact]
    public void RefusesWhatIsNeither()
    {
        var pipe = _directory.At("pipe");
        Command.Run("mkfifo", pipe);
        (string Path, string Kind)[] others =
        [
            ("/dev/zero", "a character device"),
            (_directory.Path, "a directory"),
            (pipe, "a pipe"),
        ];
        foreach (var (path, kind) in others)
        {
            var target = Assert.Throws<DeviceException>(() => DeviceOpener.OpenTarget(path));
            Assert.Equal(ErrorId.TargetMissing, target.Id);
            Assert.Equal($"it is {kind}", target.Cause);
            Assert.Equal(
                ErrorId.SourceMissing,
                Assert.Throws<DeviceException>(() => DeviceOpener.OpenSource(path)).Id
            );
        }
    }

    [Fact]
    public void RefusesWhatIsNotThere()
    {
        var path = _directory.At("missing");
        Assert.Equal(
            ErrorId.TargetMissing,
            Assert.Throws<DeviceException>(() => DeviceOpener.OpenTarget(path)).Id
        );
        Assert.Equal(
            ErrorId.SourceMissing,
            Assert.Throws<DeviceException>(() => DeviceOpener.IsInUse(path, out _)).Id
        );
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
    }
}
