using RsyncFs.Linux.Devices;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Devices;

/// <summary>The contract over image files where there is no direct I/O, and nothing can be punched.</summary>
public sealed class ImageFileOnRamfsContractTests : ImageFileContractTests
{
    [Fact]
    public void FallsBackToTheCache()
    {
        using var image = (ImageFile)Open(65536);
        Assert.True(image.IsBuffered);
    }

    protected override TemporaryDirectory MakeDirectory() => TemporaryDirectory.OnRamfs();
}
