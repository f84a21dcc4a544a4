namespace RsyncFs.SystemTests.Devices;

/// <summary>The contract over loop devices with logical blocks of 4096 bytes, as many disks have.</summary>
public sealed class LinuxBlockDevice4KContractTests : LinuxBlockDeviceContractTests
{
    protected override int LogicalBlockBytes => 4096;

    protected override IReadOnlyList<int> Lengths => [1024 * 1024, 100 * 1024];
}
