using RsyncFs.Devices;
using RsyncFs.Snapshots;
using RsyncFs.Sources;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>One source on a storage that takes snapshots, and several destinations that have their cycles at the same time.</summary>
internal sealed class FanOutScene
{
    public const int BlockSize = 16384;
    public const int BlockCount = 256;
    public const int Length = (BlockCount * BlockSize) - 5632;

    // None of the tests is about who comes late.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly byte[][] _targets;
    private readonly IBlockDevice[] _devices;
    private readonly SimulatedDurableDirectory[] _receivers;
    private readonly SimulatedDurableDirectory _sender = new();

    public FanOutScene(int destinationCount)
    {
        new Random(1).NextBytes(Source);
        Storage = new SimulatedSnapshots(Source);
        _targets = [.. Enumerable.Range(0, destinationCount).Select(_ => new byte[Length])];
        _devices = [.. _targets.Select(target => new MemoryBlockDevice(target, "target"))];
        _receivers = [.. Enumerable.Range(0, destinationCount).Select(_ => new SimulatedDurableDirectory())];
    }

    public byte[] Source { get; } = new byte[Length];

    public SimulatedSnapshots Storage { get; }

    public SourceState State => SourceState.Load(_sender);

    public byte[] TargetOf(int which) => _targets[which];

    public TargetRecord RecordOf(int which) => TargetRecord.Load(_receivers[which])!;

    public void Change(int block) => Source[(block * BlockSize) + 100] ^= 1;

    /// <summary>One cycle of each of <paramref name="destinations"/> at the same time; then what nobody needs is removed.</summary>
    /// <param name="destinations">Which.</param>
    /// <param name="prepare">Does something to a pair before it runs.</param>
    /// <param name="source">Another source than the storage.</param>
    /// <returns>For each its report, or why it failed.</returns>
    public async Task<IReadOnlyList<(CycleReport? Report, Exception? Failure)>> RunAsync(
        IReadOnlyCollection<int> destinations,
        Action<int, ReplicationPair>? prepare = null,
        ISnapshotProvider? source = null
    )
    {
        var state = State;
        using var shared = new SharedSource(source ?? Storage, destinations.Count, Patience, Guid.NewGuid);
        var ends = await Task.WhenAll(destinations.Select(which => Task.Run(() => RunOneAsync(which))));
        Assert.InRange(State.KeptSnapshots.Count, 0, 2);
        Storage.RemoveAllBut(State.KeptSnapshots);
        return ends;

        async Task<(CycleReport?, Exception?)> RunOneAsync(int which)
        {
            var pair = new ReplicationPair(new MemoryBlockDevice(Source, "source"), _devices[which])
            {
                Snapshots = shared,
                SharedState = state,
                SenderState = _sender,
                ReceiverState = _receivers[which],
                Destination = $"{which}",
            };
            pair.Options = pair.Options with { CheckpointBytes = 4 * BlockSize };
            prepare?.Invoke(which, pair);
            try
            {
                return (await pair.RunAsync(TestContext.Current.CancellationToken), null);
            }
            catch (Exception failure)
            {
                shared.Leave();
                return (null, failure);
            }
        }
    }
}
