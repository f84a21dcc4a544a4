using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>Both real ends over a stream in memory: what a cycle makes of a target, and what it costs.</summary>
public sealed class ReplicationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FirstCopyMakesTheTargetEqual()
    {
        var pair = Pair(RandomBytes(3_000_000 + 517, seed: 1));
        var report = await pair.RunAsync(Token);
        AssertEqual(pair);
        Assert.Equal(Plan.Full, report.Plan);
        Assert.True(report.IsInitial);
        Assert.Null(pair.ReceiverFailure);
    }

    [Fact]
    public async Task SecondRunOfAnUnchangedSourceSendsNothing()
    {
        var pair = Pair(RandomBytes(3_000_000, seed: 2));
        var first = await pair.RunAsync(Token);
        var second = await pair.RunAsync(Token);
        Assert.Equal(Plan.Digest, second.Plan);
        Assert.True(second.IsUnchanged);
        Assert.Equal(first.Generation, second.Generation);
        Assert.InRange(second.BytesSent + second.BytesReceived, 1, 4096);
        AssertEqual(pair);
    }

    [Fact]
    public async Task ChangedPagesAloneTravel()
    {
        var pair = Pair(RandomBytes(8_000_000, seed: 3));
        await pair.RunAsync(Token);
        var source = ((MemoryBlockDevice)pair.Source).Content;
        new Random(4).NextBytes(source.Slice(40960, 4096));
        new Random(5).NextBytes(source.Slice(4096 * 700, 4096));
        pair.Source = ((MemoryBlockDevice)pair.Source).Reopen();
        var report = await pair.RunAsync(Token);
        AssertEqual(pair);
        Assert.Equal(2 * 4096, report.LiteralBytes);
        Assert.Equal(2, report.ChangedBlocks);
    }

    [Theory]
    [InlineData(Plan.Compare)]
    [InlineData(Plan.Full)]
    [InlineData(Plan.Digest)]
    public async Task EveryPlanConverges(Plan plan)
    {
        var pair = Pair(RandomBytes(2_000_000, seed: 6));
        await pair.RunAsync(Token);
        new Random(7).NextBytes(((MemoryBlockDevice)pair.Source).Content.Slice(100_000, 300_000));
        pair.Options = pair.Options with { Plan = plan };
        var report = await pair.RunAsync(Token);
        Assert.Equal(plan, report.Plan);
        AssertEqual(pair);
    }

    [Fact]
    public async Task AGrownDeviceIsComparedOnceAfterItsSizeWasSaidToBeMeant()
    {
        var content = RandomBytes(1_000_000, seed: 8);
        var pair = Pair(content);
        await pair.RunAsync(Token);
        // Both ends grow by the same zeros: nothing differs, and yet it is another image.
        Array.Resize(ref content, 2_000_000);
        pair.Source = new MemoryBlockDevice(content, "source");
        pair.Target = new MemoryBlockDevice(content.ToArray(), "target");
        var refusal = await Assert.ThrowsAsync<RefusedException>(() => pair.RunAsync(Token));
        Assert.Equal(ErrorId.TargetResized, refusal.Id);
        pair.ResizeTarget();
        Assert.Equal(Plan.Compare, (await pair.RunAsync(Token)).Plan);
        var report = await pair.RunAsync(Token);
        Assert.Equal((Plan.Digest, true), (report.Plan, report.IsUnchanged));
    }

    /// <summary>Who may overwrite need not say besides that the size was meant.</summary>
    [Fact]
    public async Task AGrownDeviceThatMayBeOverwrittenIsCompared()
    {
        var content = RandomBytes(1_000_000, seed: 8);
        var pair = Pair(content);
        await pair.RunAsync(Token);
        Array.Resize(ref content, 2_000_000);
        pair.Source = new MemoryBlockDevice(content, "source");
        pair.Target = new MemoryBlockDevice(RandomBytes(content.Length, seed: 9), "target");
        pair.Policy = pair.Policy with { Init = InitPolicy.Overwrite };
        Assert.Equal(Plan.Compare, (await pair.RunAsync(Token)).Plan);
        AssertEqual(pair);
        Assert.Equal(Plan.Digest, (await pair.RunAsync(Token)).Plan);
    }

    private static ReplicationPair Pair(byte[] source) =>
        new(
            new MemoryBlockDevice(source, "source"),
            new MemoryBlockDevice(RandomBytes(source.Length, seed: 99), "target")
        );

    private static byte[] RandomBytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static void AssertEqual(ReplicationPair pair) =>
        Assert.True(
            ((MemoryBlockDevice)pair.Source).Content.SequenceEqual(((MemoryBlockDevice)pair.Target).Content),
            "source and target differ"
        );
}
