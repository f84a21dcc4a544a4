using RsyncFs.Devices;
using RsyncFs.Linux.Devices;
using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests.Contracts;

namespace RsyncFs.SystemTests.Devices;

/// <summary>The contract over loop devices with logical blocks of 512 bytes.</summary>
public class LinuxBlockDeviceContractTests : BlockDeviceContract, IDisposable
{
    private readonly List<LoopDevice> _loops = [];

    protected virtual int LogicalBlockBytes => 512;

    // The second is a multiple of nothing but a sector; the third is longer than a bounce buffer.
    protected override IReadOnlyList<int> Lengths =>
        [1024 * 1024, 100 * 1024 + 512, (3 * 1024 * 1024) + 4096];

    public void Dispose()
    {
        foreach (var loop in _loops)
        {
            loop.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    protected override IBlockDevice Open(int lengthBytes)
    {
        var loop = new LoopDevice(lengthBytes, LogicalBlockBytes);
        _loops.Add(loop);
        return LinuxBlockDevice.OpenTarget(loop.Path);
    }

    protected override IBlockDevice Reopen(IBlockDevice device)
    {
        device.Dispose();
        return LinuxBlockDevice.OpenTarget(device.Name);
    }
}
