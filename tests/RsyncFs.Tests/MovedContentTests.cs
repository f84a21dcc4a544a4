using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>Content that the target holds elsewhere becomes copies, and hardly anything travels.</summary>
public sealed class MovedContentTests
{
    private const int Length = 48 << 20;
    private const int RegionLength = 8 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(4096 * 1001, Plan.Compare)]
    [InlineData(4096 * 1001, Plan.Digest)]
    [InlineData(512, Plan.Compare)]
    [InlineData(512, Plan.Digest)]
    [InlineData(1237, Plan.Compare)]
    public async Task AMovedRegionBecomesCopies(int by, Plan plan)
    {
        var bytes = new byte[Length];
        new Random(1).NextBytes(bytes);
        var pair = new ReplicationPair(
            new MemoryBlockDevice(bytes, "source"),
            new MemoryBlockDevice(Length, "target")
        )
        {
            Options = new ReplicationOptions { TargetName = "t" },
        };
        await pair.RunAsync(Token);

        var region = bytes.AsSpan(16 << 20, RegionLength).ToArray();
        region.CopyTo(bytes.AsSpan((16 << 20) + by));
        pair.Options = pair.Options with { Plan = plan };
        var report = await pair.RunAsync(Token);

        Assert.True(
            ((MemoryBlockDevice)pair.Target).Content.SequenceEqual(bytes),
            "source and target differ"
        );
        Assert.InRange(report.BytesSent + report.BytesReceived, 1, RegionLength / 20);
        Assert.InRange(report.CopiedBytes, RegionLength * 9L / 10, RegionLength);
    }

    [Fact]
    public async Task MatchAlignedSendsMovedContent()
    {
        var bytes = new byte[4 << 20];
        new Random(2).NextBytes(bytes);
        var pair = new ReplicationPair(
            new MemoryBlockDevice(bytes, "source"),
            new MemoryBlockDevice(bytes.Length, "target")
        )
        {
            Options = new ReplicationOptions { TargetName = "t", Match = MatchMode.Aligned },
        };
        await pair.RunAsync(Token);
        bytes.AsSpan(0, 1 << 20).CopyTo(bytes.AsSpan((1 << 20) + 4096));
        var report = await pair.RunAsync(Token);
        Assert.Equal(0, report.CopiedBytes);
        Assert.InRange(report.LiteralBytes, 1 << 20, (1 << 20) + 65536);
    }
}
