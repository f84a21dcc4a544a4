using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Replication;

/// <summary>The memory of each end does not depend on the size of the device.</summary>
public sealed class MemoryTests(ITestOutputHelper output) : IDisposable
{
    private const long MiB = 1024 * 1024;
    private const long GiB = 1024 * MiB;
    private const long TiB = 1024 * GiB;

    // Each end is to stay below 192 MiB; what the collector leaves lying comes on top, and differs from run to run.
    private const long CollectorSlackBytes = 64 * MiB;

    // What either end may take, the cap of the index apart, which the sender takes only if it searches for moved content.
    private const long LimitBytes = (192 * MiB) + CollectorSlackBytes;
    private const long IndexCapBytes = 256 * MiB;
    private const long GrowthLimitBytes = 64 * MiB;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task ATebibyteTakesLittleMoreThanAGibibyte()
    {
        var small = await MeasureAsync("1 GiB, random", GiB, [(0, GiB)], [(0, GiB)]);
        var large = await MeasureAsync(
            "1 TiB, sparse",
            TiB,
            [(0, MiB), (300 * GiB, 4 * MiB), (900 * GiB, 2 * MiB), (TiB - MiB, MiB)],
            [(300 * GiB, MiB), (500 * GiB, 4 * MiB), (TiB - MiB, MiB)]
        );
        Assert.InRange(small.Sender, 1, LimitBytes + IndexCapBytes);
        Assert.InRange(small.Receiver, 1, LimitBytes);
        Assert.InRange(large.Sender, 1, Math.Min(LimitBytes, small.Sender + GrowthLimitBytes));
        Assert.InRange(large.Receiver, 1, Math.Min(LimitBytes, small.Receiver + GrowthLimitBytes));
    }

    /// <summary>A first copy, one of nothing changed, and one of changes; the peak of each end over all of them.</summary>
    private async Task<(long Sender, long Receiver)> MeasureAsync(
        string what,
        long size,
        (long OffsetBytes, long LengthBytes)[] content,
        (long OffsetBytes, long LengthBytes)[] changes
    )
    {
        var source = Images.Make(_directory, $"source {size}", size);
        var target = Images.Make(_directory, $"target {size}", size);
        await using var scene = new ReplicationScene(source, target);
        await scene.ServeAsync();
        var sender = 0L;
        foreach (var step in (string[])["first copy", "nothing changed", "all compared", "changed"])
        {
            var (seed, ranges) = step switch
            {
                "first copy" => (1UL, content),
                "changed" => (2UL, changes),
                _ => (0UL, []),
            };
            foreach (var (offset, length) in ranges)
            {
                new RandomContent(seed).WriteTo(source, offset, length);
            }

            await using var running = scene.Start(
                "--json",
                "--plan",
                step is "all compared" ? "compare" : "auto"
            );
            var peak = await PeakMemory.WatchAsync(running);
            var result = await running.WaitAsync();
            Assert.True(result.ExitCode == 0, result.ToString());
            SparseFile.AssertSame(source, target);
            sender = Math.Max(sender, peak);
            var receiver = PeakMemory.Read(scene.Receiver.Id);
            output.WriteLine(
                $"{what}, {step, -15} peak: sender {peak / MiB, 4} MiB, receiver so far {receiver / MiB, 4} MiB; {new RunSummary(RunEvents.Of(result, "summary").Single())}"
            );
        }

        var receiverPeak =
            PeakMemory.Read(scene.Receiver.Id) ?? throw new InvalidOperationException("the receiver ended");
        File.Delete(source);
        File.Delete(target);
        return (sender, receiverPeak);
    }
}
