using RsyncFs.Devices;
using RsyncFs.Sources;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>A source on a storage that tells what changed, its target, and a run after which nothing is left that nobody needs.</summary>
public abstract class TrackedScene
{
    private protected TrackedScene(int length, int blockSize)
    {
        Source = new byte[length];
        Target = new byte[length];
        new Random(1).NextBytes(Source);
        Storage = new SimulatedSnapshots(Source);
        Pair = new ReplicationPair(
            new MemoryBlockDevice(Source, "source"),
            new MemoryBlockDevice(Target, "target")
        )
        {
            Snapshots = Storage,
            Options = new ReplicationOptions { TargetName = "t", BlockSizeBytes = blockSize },
        };
    }

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected byte[] Source { get; }

    private protected byte[] Target { get; }

    private protected SimulatedSnapshots Storage { get; }

    private protected ReplicationPair Pair { get; }

    private protected Guid Generation => TargetRecord.Load(Pair.ReceiverState)!.Generation;

    /// <summary>One cycle, after which both are equal.</summary>
    private protected async Task<CycleReport> RunAsync()
    {
        try
        {
            var report = await Pair.RunAsync(Token);
            Assert.True(Source.AsSpan().SequenceEqual(Target), "source and target differ");
            return report;
        }
        finally
        {
            Sweep();
        }
    }

    /// <summary>What the sender's state does not know is removed.</summary>
    private protected void Sweep() => Storage.RemoveAllBut(SourceState.Load(Pair.SenderState).KeptSnapshots);
}
