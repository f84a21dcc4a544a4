using RsyncFs.Blocks;
using RsyncFs.Protocol;
using Xunit;

namespace RsyncFs.Tests.Protocol;

public sealed class DeltaBatcherTests
{
    private static readonly SessionFormat Format = new(new BlockLayout(1L << 40, 65536), 16);

    [Fact]
    public void FillsMessagesUpToTheTargetAndLosesNothing()
    {
        var batcher = new DeltaBatcher(Format);
        var blocks = new List<long>();
        for (var block = 0L; block < 100; block++)
        {
            if (batcher.Add(Literal(block)) is { } full)
            {
                Assert.Equal(3, full.Records.Count);
                blocks.AddRange(full.Records.Select(record => record.FirstBlock));
            }
        }

        blocks.AddRange(batcher.Take()!.Records.Select(record => record.FirstBlock));
        Assert.Equal(Enumerable.Range(0, 100).Select(block => (long)block), blocks);
        Assert.Null(batcher.Take());
        Assert.Equal(0, batcher.GatheredBytes);
    }

    [Fact]
    public void ABlockThatComesAgainBeginsAMessage()
    {
        var batcher = new DeltaBatcher(Format);
        Assert.Null(batcher.Add(new ZeroRun(10, 5)));
        Assert.Null(batcher.Add(new ZeroRun(15, 1)));
        Assert.Equal(2, batcher.Add(new ZeroRun(14, 1))!.Records.Count);
        Assert.Single(batcher.Take()!.Records);
    }

    [Fact]
    public void TinyRecordsDoNotExceedTheirCount()
    {
        var batcher = new DeltaBatcher(Format);
        var count = 0;
        for (var block = 0L; block < 200_000; block++)
        {
            if (batcher.Add(new ZeroRun(block * 2, 1)) is { } full)
            {
                Assert.InRange(Frames.Encode(full, Format).Length, 1, ProtocolLimits.DeltaTargetBytes);
                count += full.Records.Count;
            }
        }

        Assert.Equal(200_000, count + batcher.Take()!.Records.Count);
    }

    [Fact]
    public void ASlowLineGetsSmallMessagesButWholeBlocks()
    {
        var batcher = new DeltaBatcher(Format);
        batcher.Adapt(1e9, null);
        Assert.Equal(ProtocolLimits.DeltaTargetBytes, batcher.TargetBytes);
        batcher.Adapt(20_000, null);
        Assert.Equal(100_000, batcher.TargetBytes);
        batcher.Adapt(10, null);
        Assert.Equal(65536, batcher.TargetBytes);
        batcher.Adapt(0, null);
        Assert.Equal(ProtocolLimits.DeltaTargetBytes, batcher.TargetBytes);
    }

    [Fact]
    public void ALimitThatAPersonSetGetsMessagesOfASecond()
    {
        var batcher = new DeltaBatcher(Format);
        batcher.Adapt(0, 100_000);
        Assert.Equal(100_000, batcher.TargetBytes);
        batcher.Adapt(1e9, 100_000);
        Assert.Equal(100_000, batcher.TargetBytes);
        batcher.Adapt(1e9, ProtocolLimits.MinSendBytesPerSecond);
        Assert.Equal(65536, batcher.TargetBytes);
        batcher.Adapt(1e9, 1_000_000_000);
        Assert.Equal(ProtocolLimits.DeltaTargetBytes, batcher.TargetBytes);
        // The line is slower than what it may be used for.
        batcher.Adapt(20_000, 200_000);
        Assert.Equal(100_000, batcher.TargetBytes);
    }

    private static BlockChange Literal(long block) =>
        new(block, default) { WrittenPages = PageBitmap.All(16), Stored = new byte[65536] };
}
