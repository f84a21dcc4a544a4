using RsyncFs.Blocks;
using Xunit;

namespace RsyncFs.Tests.Blocks;

public sealed class StrongHashTests
{
    /// <summary>Whoever knows it can make blocks that are taken for equal; what is printed is logged sooner or later.</summary>
    [Fact]
    public void TheSeedIsNeverPrinted()
    {
        var volume = new Volume(Guid.Empty, new StrongHash(HashAlgorithmId.XxHash128, 1234567890123), 65536);
        Assert.DoesNotContain("1234567890123", volume.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("1234567890123", volume.Hash.ToString(), StringComparison.Ordinal);
    }
}
