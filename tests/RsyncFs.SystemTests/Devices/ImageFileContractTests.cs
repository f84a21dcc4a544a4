using RsyncFs.Devices;
using RsyncFs.Linux.Devices;
using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests.Contracts;

namespace RsyncFs.SystemTests.Devices;

/// <summary>The contract over image files on the file system of temporary files.</summary>
public class ImageFileContractTests : BlockDeviceContract, IDisposable
{
    private TemporaryDirectory? _directory;
    private int _count;

    protected override IReadOnlyList<int> Lengths => [65536, 65537, 100_001, (1024 * 1024) + 511];

    public void Dispose()
    {
        _directory?.Dispose();
        GC.SuppressFinalize(this);
    }

    protected virtual TemporaryDirectory MakeDirectory() => new();

    protected override IBlockDevice Open(int lengthBytes)
    {
        _directory ??= MakeDirectory();
        _count++;
        return ImageFile.CreateTarget(_directory.At($"image {_count}"), lengthBytes);
    }

    protected override IBlockDevice Reopen(IBlockDevice device)
    {
        device.Dispose();
        return ImageFile.OpenTarget(device.Name);
    }
}
