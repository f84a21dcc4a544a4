using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Replication;

/// <summary>What a cycle puts on the wire, counted by the interfaces of the link in both directions and not by us.</summary>
public sealed class WireTests(GibibytePair pair, ITestOutputHelper output) : IClassFixture<GibibytePair>
{
    private const int Page = 4096;
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task AnUnchangedDeviceCostsNextToNothing()
    {
        await CatchUpAsync();
        var (summary, wire) = await MeasureAsync("unchanged, maps of both ends valid");
        Assert.True(summary.IsUnchanged);
        Assert.Equal("digest", summary.Plan);
        Assert.InRange(wire, 1, 64 * 1024);
    }

    [Fact]
    public async Task AnUnchangedDeviceCostsNextToNothingWhenItIsCompared()
    {
        await CatchUpAsync();
        var (summary, wire) = await MeasureAsync(
            "unchanged, compared, map of the receiver valid",
            "--plan",
            "compare"
        );
        Assert.True(summary.IsUnchanged);
        Assert.InRange(summary.TargetRead, 0, 16 * MiB);
        Assert.InRange(wire, 1, 64 * 1024);
    }

    [Fact]
    public async Task AnUnchangedDeviceCostsNextToNothingWhenTheTargetMustBeRead()
    {
        await CatchUpAsync();

        // The same bytes again: nothing differs, but the receiver must see that somebody wrote.
        DeviceBytes.Copy(pair.Target.Path, 0, 0, Page);
        var (summary, wire) = await MeasureAsync("unchanged, map of the receiver not valid");
        Assert.True(summary.IsUnchanged);
        Assert.Equal("compare", summary.Plan);
        Assert.Equal(GibibytePair.SizeBytes, summary.TargetRead);
        Assert.InRange(wire, 1, 64 * 1024);
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("compare")]
    public async Task OnePercentOfThePagesCostsLittleMoreThanItsBytes(string plan)
    {
        await CatchUpAsync();
        var pageCount = GibibytePair.SizeBytes / Page;
        var changedCount = (int)(pageCount / 100);
        RewritePages(changedCount, seed: plan.Length);
        var (summary, wire) = await MeasureAsync($"1 % of the pages, plan {plan}", "--plan", plan);
        Assert.Equal((long)changedCount * Page, summary.Changed);
        Assert.InRange(wire, summary.Changed, 11_500_000);
    }

    [Fact]
    public async Task MovedAndShiftedContentIsCopiedOnTheTarget()
    {
        const int Region = 64 * MiB;
        await CatchUpAsync();
        DeviceBytes.Copy(pair.Source.Path, 100L * MiB, (100L * MiB) + (Page * 1001), Region);
        DeviceBytes.Copy(pair.Source.Path, 500L * MiB, (500L * MiB) + 512, Region);
        var (summary, wire) = await MeasureAsync("64 MiB moved by 1001 pages, 64 MiB shifted by 512 bytes");
        Assert.InRange(summary.Copied, Region, 2L * Region);
        Assert.InRange(wire, 1, 2L * Region * 5 / 100);
    }

    /// <summary>Brings the target up to whatever an earlier test left on the source.</summary>
    private async Task CatchUpAsync()
    {
        for (var attempt = 0; !(await pair.Scene.SyncAsync()).IsUnchanged; attempt++)
        {
            Assert.Equal(0, attempt);
        }
    }

    private async Task<(RunSummary Summary, long WireBytes)> MeasureAsync(
        string what,
        params string[] options
    )
    {
        var (there, back) = (pair.Network.BytesToReceiver, pair.Network.BytesToSender);
        var summary = await pair.Scene.SyncAsync(options);
        there = pair.Network.BytesToReceiver - there;
        back = pair.Network.BytesToSender - back;
        output.WriteLine($"1 GiB, {what} ({pair.Network.CongestionControl})");
        output.WriteLine(
            $"link: {there:N0} bytes to the receiver + {back:N0} to the sender = {there + back:N0}"
        );
        output.WriteLine($"says: {summary}");
        pair.Scene.AssertSame();
        return (summary, there + back);
    }

    private void RewritePages(int count, int seed)
    {
        var random = new Random(seed);
        var pages = new HashSet<long>();
        while (pages.Count < count)
        {
            pages.Add(random.NextInt64(GibibytePair.SizeBytes / Page));
        }

        using var device = DeviceBytes.OpenToWrite(pair.Source.Path);
        var content = new RandomContent((ulong)seed + 100);
        var page = new byte[Page];
        foreach (var index in pages)
        {
            content.Fill(index * Page, page);
            RandomAccess.Write(device, page, index * Page);
        }

        RandomAccess.FlushToDisk(device);
    }
}
