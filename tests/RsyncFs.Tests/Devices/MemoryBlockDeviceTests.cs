using RsyncFs.Devices;
using RsyncFs.Tests.Contracts;
using Xunit;

namespace RsyncFs.Tests.Devices;

public sealed class MemoryBlockDeviceTests : BlockDeviceContract
{
    protected override IReadOnlyList<int> Lengths => [65536, 65537, 100_000, 262_143];

    protected override IBlockDevice Open(int lengthBytes) => new MemoryBlockDevice(lengthBytes);

    protected override IBlockDevice Reopen(IBlockDevice device) => ((MemoryBlockDevice)device).Reopen();

    [Fact]
    public void ShowsAForeignWriteInTheEvidence()
    {
        using var device = new MemoryBlockDevice(65536);
        var before = device.ReadEvidence();
        device.CountForeignWrite(1);
        Assert.False(device.ReadEvidence().Follows(before, device.SectorsWritten));
    }

    [Fact]
    public void ShowsAnotherIdentityInTheEvidence()
    {
        using var device = new MemoryBlockDevice(65536);
        var before = device.ReadEvidence();
        device.Identity = "after a reboot";
        Assert.False(device.ReadEvidence().Follows(before, 0));
    }
}
