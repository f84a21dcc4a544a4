using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Snapshots;
using RsyncFs.Sources;

namespace RsyncFs;

/// <summary>
/// Brings one target up to one source: the sender's end of a session, told from beginning to end. What happens at
/// the other end is <see cref="Receiver"/>'s story.
/// </summary>
/// <param name="source">The source, and how it is made to stand still.</param>
/// <param name="state">What this sender remembers of it, and of the destination.</param>
/// <param name="connection">A connection to the receiver, just made.</param>
/// <param name="options">What a person chose.</param>
/// <param name="services">What the machine gives.</param>
public sealed class Replicator(
    ISnapshotProvider source,
    DestinationState state,
    Connection connection,
    ReplicationOptions options,
    Services services
)
{
    /// <summary>Told where the cycle is.</summary>
    public IProgress<CycleProgress>? Progress { get; init; }

    /// <summary>What the cycle may take before it is ended with what has arrived kept; null for what it needs. A dry run takes no notice of it.</summary>
    public RunBudget? Budget { get; init; }

    /// <summary>Runs one cycle. When this returns, the target durably is the source as it was read.</summary>
    /// <exception cref="RefusedException">The receiver refused, or the plan that was asked for is not safe. Nothing was written.</exception>
    /// <exception cref="DeviceException">The source could not be read, or changed. The target stays at its generation; a first copy stays marked inconsistent.</exception>
    /// <exception cref="ConnectionException">The connection broke. The target is at its generation, or at the new one if only the last word was lost.</exception>
    /// <exception cref="LimitReachedException">The budget was used up. What has arrived is durable; the target stays at its generation, and a first copy marked inconsistent.</exception>
    /// <exception cref="RsyncFsException">Something else failed; the error says in what state it left the target.</exception>
    /// <exception cref="OperationCanceledException">Ended early. The target stays at its generation; a first copy stays marked inconsistent.</exception>
    public async Task<CycleReport> RunAsync(CancellationToken cancellationToken)
    {
        using var session = new SenderSession(
            connection,
            services.Clock,
            Progress,
            options.Purpose == Purpose.Replicate ? Budget : null,
            cancellationToken
        );
        return await session.RunAsync(async token =>
        {
            session.Enter("connect");
            var remote = await OpenAsync(token);

            session.Enter("snapshot");
            using var snapshot = ReopenInterrupted(remote.State) ?? source.Take();
            using var cycle = new SenderCycle(snapshot, state, remote, options, services);
            var choice = cycle.ChoosePlan(source);
            await remote.AskAsync(cycle.Begin(choice), token);

            session.Enter("scan", source.LengthBytes);
            var changes = await cycle.FindChangesAsync(choice.Plan, session, token);

            session.Enter("transfer", cycle.BytesToShip(changes));
            await cycle.ShipAsync(changes, session, token);

            session.Enter("commit");
            snapshot.EnsureValid();
            var applied = await cycle.CommitAsync(session, token);
            session.Enter("close");
            var targetBytesRead = await remote.CloseAsync(applied, token);
            return cycle.Report(choice, applied, targetBytesRead, session);
        });
    }

    /// <summary>Opens the target, and learns how this source and it stand to each other.</summary>
    private async Task<RemoteTarget> OpenAsync(CancellationToken cancellationToken)
    {
        using var turn = await state.Source.EnterAsync(cancellationToken);
        var request = SourceVolume.OpenRequest(source, state, options, services);
        var remote = await RemoteTarget.OpenAsync(connection, request, services.Node, cancellationToken);
        Recognise(remote);
        return remote;
    }

    /// <summary>
    /// Remembers the volume, before the first byte is written at the other end: a first copy that is cut goes on as
    /// this volume. And learns whether the last proposed generation happened, though its acknowledgement was lost.
    /// </summary>
    private void Recognise(RemoteTarget remote)
    {
        SourceVolume.CheckAnswer(source, state.Source.Volume, remote.State.Volume, options);
        if (options.Purpose != Purpose.Replicate)
        {
            return;
        }

        SourceVolume.CheckEpoch(state.Source, remote.State.Epoch);
        state.Source.Remember(remote.State.Volume, remote.State.Epoch);
        if (remote.State.Generation != Guid.Empty && remote.State.Generation == state.Lineage.Proposed)
        {
            state.Acknowledge(remote.State.Generation, comparedAt: null, snapshot: null);
        }
    }

    /// <summary>The snapshot that an interrupted delta is of, if the target waits for the rest of it (C17).</summary>
    private ISnapshot? ReopenInterrupted(TargetState target) =>
        options.Purpose == Purpose.Replicate && ResumedDelta.Find(state.Resume, target) is { } point
            ? source.Reopen(point.Evidence)
            : null;
}
