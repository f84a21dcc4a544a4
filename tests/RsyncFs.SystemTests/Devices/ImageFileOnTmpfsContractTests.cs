using RsyncFs.SystemTests.Fixtures;

namespace RsyncFs.SystemTests.Devices;

/// <summary>The contract over image files in memory.</summary>
public sealed class ImageFileOnTmpfsContractTests : ImageFileContractTests
{
    protected override TemporaryDirectory MakeDirectory() => TemporaryDirectory.OnTmpfs(64 * 1024 * 1024);
}
