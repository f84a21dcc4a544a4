using System.Collections.Concurrent;
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

    private readonly byte[][] _targets;
    private readonly IBlockDevice[] _devices;
    private readonly SimulatedDurableDirectory[] _receivers;
    private readonly SimulatedDurableDirectory _sender = new();
    private readonly HeldSnapshots _held;
    private SourceState? _state;

    public FanOutScene(int destinationCount, int moreBlocks = 0)
    {
        Source = new byte[Length + (moreBlocks * BlockSize)];
        new Random(1).NextBytes(Source);
        Storage = new SimulatedSnapshots(Source);
        _held = new HeldSnapshots(() => State.Base?.Evidence, () => State.KeptSnapshots);
        _targets = [.. Enumerable.Range(0, destinationCount).Select(_ => new byte[Source.Length])];
        _devices = [.. _targets.Select(target => new MemoryBlockDevice(target, "target"))];
        _receivers = [.. Enumerable.Range(0, destinationCount).Select(_ => new SimulatedDurableDirectory())];
    }

    public byte[] Source { get; }

    public SimulatedSnapshots Storage { get; }

    public SourceState State => _state ?? SourceState.Load(_sender);

    /// <summary>From now on it is one process: cycles that have not ended share their memory with those that begin.</summary>
    public void LiveOn() => _state = State;

    /// <summary>How long a cycle waits for others before the snapshot.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    public byte[] TargetOf(int which) => _targets[which];

    /// <summary>For each destination what the last snapshot held that a cycle brought it to.</summary>
    public ConcurrentDictionary<int, byte[]?> Wanted { get; } = new();

    public TargetRecord RecordOf(int which) => TargetRecord.Load(_receivers[which])!;

    /// <summary>Other bytes, which do not shrink, in so many blocks.</summary>
    public void Rewrite(int block, int count) =>
        new Random(block).NextBytes(Source.AsSpan(block * BlockSize, count * BlockSize));

    public void Change(int block) => Source[(block * BlockSize) + 100] ^= 1;

    /// <summary>One cycle of each of <paramref name="destinations"/> at the same time; then what nobody needs is removed.</summary>
    /// <param name="destinations">Which.</param>
    /// <param name="prepare">Does something to a pair before it runs.</param>
    /// <param name="source">Another source than the storage.</param>
    /// <param name="begun">Given what they share.</param>
    /// <param name="ended">Told of each that ended.</param>
    /// <returns>For each its report, or why it failed.</returns>
    public async Task<IReadOnlyList<(CycleReport? Report, Exception? Failure)>> RunAsync(
        IReadOnlyCollection<int> destinations,
        Action<int, ReplicationPair>? prepare = null,
        ISnapshotProvider? source = null,
        Action<SharedSource>? begun = null,
        Action<int>? ended = null
    )
    {
        var state = State;
        var held = new HeldSource(source ?? Storage, _held, TestContext.Current.CancellationToken);
        held.RemoveAllBut(State.KeptSnapshots);
        using var shared = new SharedSource(held, destinations.Count, Patience, Guid.NewGuid);
        begun?.Invoke(shared);
        var ends = await Task.WhenAll(destinations.Select(which => Task.Run(() => RunOneAsync(which))));
        Assert.InRange(State.KeptSnapshots.Count, 0, 2);
        shared.Dispose();
        held.RemoveAllBut(State.KeptSnapshots);
        return ends;

        async Task<(CycleReport?, Exception?)> RunOneAsync(int which)
        {
            var pair = new ReplicationPair(new MemoryBlockDevice(Source, "source"), _devices[which])
            {
                Snapshots = new WatchedSource(
                    shared,
                    taken => Wanted[which] = Storage.ContentOf(taken.Evidence)
                ),
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
            finally
            {
                ended?.Invoke(which);
            }
        }
    }

    /// <summary>Tells of the snapshot of a cycle: the first that is had.</summary>
    private sealed class WatchedSource(ISnapshotProvider inner, Action<ISnapshot> taken)
        : SourceView(inner),
            ISnapshotProvider
    {
        private bool _isTold;

        public override ISnapshot Take() => Tell(Inner.Take())!;

        public override ISnapshot? Reopen(ChangeEvidence evidence) => Tell(Inner.Reopen(evidence));

        public ISnapshot? Borrow(ChangeEvidence evidence) => Inner.Borrow(evidence);

        private ISnapshot? Tell(ISnapshot? snapshot)
        {
            if (snapshot is not null && !_isTold)
            {
                _isTold = true;
                taken(snapshot);
            }

            return snapshot;
        }
    }
}
