using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Devices;

public sealed class ImageFileTests : IDisposable
{
    private const int MiB = 1024 * 1024;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void MakesASparseFileOfZerosForItsOwner()
    {
        using var image = ImageFile.CreateTarget(_directory.At("image"), (64L * MiB) + 1);
        Assert.Equal((64L * MiB) + 1, image.LengthBytes);
        Assert.Equal(new Extent((64L * MiB) + 1, 0), image.NextData(0));
        Assert.Equal("0 600", Command.Run("stat", "-c", "%b %a", image.Name).Trim());
    }

    [Fact]
    public void NeverReplacesWhatIsThere()
    {
        var path = _directory.At("image");
        File.WriteAllText(path, "precious");
        var refusal = Assert.Throws<DeviceException>(() => ImageFile.CreateTarget(path, MiB));
        Assert.Equal(ErrorId.TargetIo, refusal.Id);
        Assert.Contains("EEXIST", refusal.Cause, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(path));
    }

    [Fact]
    public void LeavesNothingBehindThatItCouldNotMake()
    {
        Assert.Throws<DeviceException>(() => ImageFile.CreateTarget(_directory.At("image"), long.MaxValue));
        Assert.Throws<DeviceException>(() => ImageFile.CreateTarget(_directory.At("no/image"), 1));
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public void NeverMakesAnImageByOpeningIt()
    {
        Assert.Equal(
            ErrorId.TargetMissing,
            Assert.Throws<DeviceException>(() => ImageFile.OpenTarget(_directory.At("image"))).Id
        );
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public void RefusesASecondOpeningAsTarget()
    {
        using var first = ImageFile.CreateTarget(_directory.At("image"), MiB);
        var refusal = Assert.Throws<DeviceException>(() => ImageFile.OpenTarget(first.Name));
        Assert.Equal(ErrorId.TargetInUse, refusal.Id);
        Assert.Contains("lock", refusal.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void RefusesATargetBelowALoopDevice()
    {
        using var loop = new LoopDevice(MiB);
        var refusal = Assert.Throws<DeviceException>(() => ImageFile.OpenTarget(loop.BackingFile));
        Assert.Equal(ErrorId.TargetInUse, refusal.Id);
        Assert.Contains($"backing file of {loop.Path}", refusal.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void IsInUseWhenTheLoopDeviceAboveIsMounted()
    {
        using var loop = LoopDevice.WithExt4(8 * MiB);
        Assert.False(ImageFile.IsInUse(loop.BackingFile, out _));
        using var mount = new Mount(loop.Path);
        Assert.True(ImageFile.IsInUse(loop.BackingFile, out var by));
        Assert.Equal($"the backing file of {loop.Path}, which is mounted at {mount.Path}", by);
    }

    [Fact]
    public void ShowsHolesAndGivesZeroedSpaceBack()
    {
        using var image = ImageFile.CreateTarget(_directory.At("image"), 16 * MiB);
        image.Write(4 * MiB, Enumerable.Repeat((byte)1, MiB).ToArray());
        image.Write(10 * MiB, Enumerable.Repeat((byte)1, MiB).ToArray());
        image.Flush();
        Assert.Equal(new Extent(4 * MiB, MiB), image.NextData(0));
        Assert.Equal(new Extent(10 * MiB, MiB), image.NextData(5 * MiB));
        image.Zero(new Extent(4 * MiB, MiB));
        image.Flush();
        Assert.Equal(new Extent(10 * MiB, MiB), image.NextData(0));
        Assert.Equal($"{MiB / 512}", Command.Run("stat", "-c", "%b", image.Name).Trim());
    }

    [Fact]
    public void KeepsItsOddLength()
    {
        using (var image = ImageFile.CreateTarget(_directory.At("image"), 10_001))
        {
            image.Write(0, new byte[10_001]);
            image.Write(10_000, new byte[1]);
            image.Zero(new Extent(0, 10_001));
            image.Flush();
        }

        Assert.Equal(10_001, new FileInfo(_directory.At("image")).Length);
    }

    [Fact]
    public void ReportsAnImageThatWasCutShort()
    {
        using var image = ImageFile.CreateTarget(_directory.At("image"), MiB);
        using var source = ImageFile.OpenSource(image.Name);
        Command.Run("truncate", "--size=4096", image.Name);
        source.Read(0, new byte[4096]);
        var failure = Assert.Throws<DeviceException>(() => source.Read(0, new byte[8192]));
        Assert.Equal(ErrorId.SourceIo, failure.Id);
        Assert.Contains("ended before its length", failure.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void SaysWhatToDoAboutAFullFileSystem()
    {
        using var full = TemporaryDirectory.OnTmpfs(2 * MiB);
        using var image = ImageFile.CreateTarget(full.At("image"), 8 * MiB);
        var failure = Assert.Throws<DeviceException>(() => image.Write(0, new byte[4 * MiB]));
        Assert.Equal(ErrorId.TargetIo, failure.Id);
        Assert.Contains("ENOSPC", failure.Cause, StringComparison.Ordinal);
        Assert.Contains("free space", failure.Hint, StringComparison.Ordinal);
    }
}
