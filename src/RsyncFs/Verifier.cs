using RsyncFs.Blocks;
using RsyncFs.Delta;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Snapshots;
using RsyncFs.Sources;

namespace RsyncFs;

/// <summary>Compares a source with a target, both read from their devices, and writes to neither.</summary>
/// <param name="source">The source, and how it is made to stand still.</param>
/// <param name="state">What this sender remembers of it.</param>
/// <param name="connection">A connection to the receiver, just made.</param>
/// <param name="options">What a person chose; its purpose is <see cref="Purpose.Verify"/>.</param>
/// <param name="services">What the machine gives.</param>
public sealed class Verifier(
    ISnapshotProvider source,
    DestinationState state,
    Connection connection,
    ReplicationOptions options,
    Services services
)
{
    private const int MaxDifferences = 16;

    /// <summary>Told where the comparison is.</summary>
    public IProgress<CycleProgress>? Progress { get; init; }

    /// <summary>Compares. That the two differ is no error here.</summary>
    /// <exception cref="RefusedException">The receiver refused.</exception>
    /// <exception cref="DeviceException">The source could not be read, or changed while it was read.</exception>
    /// <exception cref="ConnectionException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">Ended early.</exception>
    public async Task<VerifyReport> RunAsync(CancellationToken cancellationToken)
    {
        using var session = new SenderSession(
            connection,
            services.Clock,
            Progress,
            budget: null,
            cancellationToken
        );
        return await session.RunAsync(async token =>
        {
            session.Enter("connect");
            var request = SourceVolume.OpenRequest(source, state, options, services);
            var remote = await RemoteTarget.OpenAsync(connection, request, services.Node, token);
            SourceVolume.CheckAnswer(source, state.Source.Volume, remote.State.Volume, options);
            session.Enter("snapshot");
            using var snapshot = source.Take();
            var hasher = new BlockHasher(remote.Format.Layout, remote.State.Volume.Hash);
            using var map = state.CreateScratchMap(hasher);
            var begin = new BeginGeneration(
                Guid.Empty,
                remote.State.Generation,
                Plan.Compare,
                ApplyMode.Journal,
                snapshot.TakenAt
            );
            await remote.AskAsync(begin, token);

            session.Enter("scan", source.LengthBytes);
            var scanner = new Scanner(snapshot.Device, hasher, options.Parallelism);
            var finder = new ChangeFinder(scanner, map, remote, session.Report);
            var changes = await finder.FindByCompareAsync(token);
            snapshot.EnsureValid();

            session.Enter("close");
            var targetBytesRead = await remote.CloseAsync(applied: null, token);
            return Report(hasher.Layout, changes.Blocks, scanner.BytesRead, targetBytesRead, session) with
            {
                TargetStatus = remote.State.Status,
                FreeBytes = snapshot.FreeBytes,
            };
        });
    }

    private static VerifyReport Report(
        BlockLayout layout,
        BlockSet differing,
        long sourceBytesRead,
        long targetBytesRead,
        SenderSession session
    )
    {
        var runs = new List<Extent>();
        for (var block = differing.NextFrom(0); block >= 0 && runs.Count < MaxDifferences; )
        {
            var count = 1L;
            while (differing.Contains(block + count))
            {
                count++;
            }

            runs.Add(layout.ExtentOf(block, count));
            block = differing.NextFrom(block + count);
        }

        return new VerifyReport
        {
            DeviceBytes = layout.LengthBytes,
            BlockSizeBytes = layout.BlockSizeBytes,
            DifferingBlocks = differing.Count,
            FirstDifferences = runs,
            SourceBytesRead = sourceBytesRead,
            TargetBytesRead = targetBytesRead,
            BytesSent = session.BytesSent,
            BytesReceived = session.BytesReceived,
            Duration = session.Elapsed,
        };
    }
}
