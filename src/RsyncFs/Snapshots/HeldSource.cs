using RsyncFs.Devices;

namespace RsyncFs.Snapshots;

/// <summary>A source that others have open as well, each for itself: none removes the snapshots of another, and all together take no more than may be.</summary>
/// <param name="inner">The source, as this one has it open. Used by one thread at a time.</param>
/// <param name="held">What all of them have open.</param>
/// <param name="cancellationToken">Ends waiting for one to be closed.</param>
public sealed class HeldSource(
    ISnapshotProvider inner,
    HeldSnapshots held,
    CancellationToken cancellationToken
) : SourceView(inner)
{
    /// <inheritdoc/>
    /// <exception cref="OperationCanceledException">As many were open as may be, until it was cancelled.</exception>
    public override ISnapshot Take() => held.Take(Inner, cancellationToken);

    /// <inheritdoc/>
    public override ISnapshot? Reopen(ChangeEvidence evidence) => held.Reopen(Inner, evidence);

    /// <inheritdoc/>
    public override SnapshotChanges? FindChanges(
        ChangeEvidence @base,
        ISnapshot snapshot,
        out string obstacle
    ) => held.FindChanges(Inner, @base, snapshot is HeldSnapshot own ? own.Inner : snapshot, out obstacle);

    /// <inheritdoc/>
    public override IReadOnlyList<string> RemoveAllBut(IReadOnlyCollection<ChangeEvidence> kept) =>
        held.RemoveAllBut(Inner, kept);
}
