using RsyncFs.Blocks;
using RsyncFs.Delta;
using RsyncFs.Devices;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Sources;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

public sealed class ChangeFinderTests
{
    private const int Length = 1 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>C15: a sender whose scan is done must not look stuck for as long as the target still reads.</summary>
    [Fact]
    public async Task SaysThatItWaitsWhenItsOwnScanIsDone()
    {
        using var gate = new ManualResetEventSlim();
        var source = new MemoryBlockDevice(Length, "source");
        source.Content[7] = 1;
        var pair = new ReplicationPair(
            source,
            new GatedDevice(new MemoryBlockDevice(Length, "target"), gate)
        );
        var changed = await pair.RunAsync(
            (state, connection) => FindAsync(state, connection, source, gate),
            Token
        );
        Assert.Equal(1, changed);
    }

    private static async Task<long> FindAsync(
        DestinationState state,
        Connection connection,
        MemoryBlockDevice source,
        ManualResetEventSlim gate
    )
    {
        var volume = new Volume(Guid.NewGuid(), new StrongHash(HashAlgorithmId.XxHash128, 3), 65536);
        var request = new OpenTarget(
            Purpose.Verify,
            "t",
            new SetShape(Length),
            volume,
            IsNewVolume: true,
            SourceLineage.None
        );
        var remote = await RemoteTarget.OpenAsync(connection, request, "", Token);
        var begin = new BeginGeneration(
            Guid.Empty,
            Guid.Empty,
            Plan.Compare,
            ApplyMode.Journal,
            DateTimeOffset.UnixEpoch
        );
        await remote.AskAsync(begin, Token);
        var hasher = new BlockHasher(remote.Format.Layout, volume.Hash);
        using var map = state.CreateScratchMap(hasher);
        var waits = new TaskCompletionSource();
        var finder = new ChangeFinder(
            new Scanner(source, hasher, threadCount: 1),
            map,
            remote,
            (phase, _) =>
            {
                if (phase == SessionPhase.Idle)
                {
                    waits.TrySetResult();
                }
            }
        );
        var finding = finder.FindByCompareAsync(Token);

        // The target has not read a byte yet.
        await waits.Task.WaitAsync(Token);
        Assert.False(finding.IsCompleted);
        gate.Set();
        var changes = await finding;
        await remote.CloseAsync(applied: null, Token);
        return changes.Blocks.Count;
    }

    private sealed class GatedDevice(MemoryBlockDevice inner, ManualResetEventSlim gate) : IBlockDevice
    {
        public string Name => inner.Name;

        public long LengthBytes => inner.LengthBytes;

        public long SectorsWritten => inner.SectorsWritten;

        public void Read(long offsetBytes, Span<byte> buffer)
        {
            gate.Wait(Token);
            inner.Read(offsetBytes, buffer);
        }

        public void Write(long offsetBytes, ReadOnlySpan<byte> data) => inner.Write(offsetBytes, data);

        public void Zero(Extent extent) => inner.Zero(extent);

        public void Flush() => inner.Flush();

        public Extent NextData(long offsetBytes) => inner.NextData(offsetBytes);

        public ChangeEvidence ReadEvidence() => inner.ReadEvidence();

        public void Dispose() => inner.Dispose();
    }
}
