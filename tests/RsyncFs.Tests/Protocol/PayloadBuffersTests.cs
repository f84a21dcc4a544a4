using RsyncFs.Protocol;
using Xunit;

namespace RsyncFs.Tests.Protocol;

public sealed class PayloadBuffersTests
{
    private const int KiB = 1024;

    [Theory]
    [InlineData(0)]
    [InlineData((64 * KiB) - 1)]
    [InlineData(64 * KiB)]
    [InlineData((256 * KiB) + 77)]
    [InlineData(4096 * KiB)]
    public void GivesWhatIsAskedForAndAtMostTwiceThat(int length) =>
        Assert.InRange(new PayloadBuffers().Rent(length).Length, length, 2 * length);

    [Fact]
    public void GivesAnArrayAgainOnlyOnceItIsReturned()
    {
        var buffers = new PayloadBuffers();
        var first = buffers.Rent(256 * KiB);
        var second = buffers.Rent(256 * KiB);
        Assert.NotSame(first, second);
        buffers.Return(first);
        Assert.Same(first, buffers.Rent(200 * KiB));
        Assert.NotSame(first, buffers.Rent(200 * KiB));
    }

    [Fact]
    public void DoesNotGiveALargeArrayForALittle()
    {
        var buffers = new PayloadBuffers();
        var large = buffers.Rent(1024 * KiB);
        buffers.Return(large);
        Assert.NotSame(large, buffers.Rent(100 * KiB));
        Assert.Same(large, buffers.Rent(600 * KiB));
    }

    [Fact]
    public void KeepsNoMoreThanTheInitialCredit()
    {
        var buffers = new PayloadBuffers();
        var count = (int)(ProtocolLimits.InitialCreditBytes / (256 * KiB));
        var rented = Enumerable.Range(0, count + 5).Select(_ => buffers.Rent(256 * KiB)).ToList();
        rented.ForEach(buffers.Return);
        var again = Enumerable.Range(0, count + 5).Select(_ => buffers.Rent(256 * KiB)).ToList();
        Assert.Equal(count, again.Intersect(rented, ReferenceEqualityComparer.Instance).Count());
    }
}
