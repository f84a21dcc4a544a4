using RsyncFs.Blocks;
using RsyncFs.Devices;

namespace RsyncFs.Snapshots;

/// <summary>A source with something done about its snapshots; what a view does not say otherwise is as it is there.</summary>
/// <param name="inner">The source.</param>
public abstract class SourceView(ISnapshotProvider inner) : ISnapshotProvider
{
    /// <inheritdoc/>
    public string Name => Inner.Name;

    /// <inheritdoc/>
    public SetShape Shape => Inner.Shape;

    /// <inheritdoc/>
    public bool KeepsBase => Inner.KeepsBase;

    /// <inheritdoc/>
    public string? ObstacleToLists => Inner.ObstacleToLists;

    /// <summary>The source.</summary>
    protected ISnapshotProvider Inner => inner;

    /// <inheritdoc/>
    public virtual ISnapshot Take() => Inner.Take();

    /// <inheritdoc/>
    public virtual ISnapshot? Reopen(ChangeEvidence evidence) => Inner.Reopen(evidence);

    /// <inheritdoc/>
    public virtual SnapshotChanges? FindChanges(
        ChangeEvidence @base,
        ISnapshot snapshot,
        out string obstacle
    ) => Inner.FindChanges(@base, snapshot, out obstacle);

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> RemoveAllBut(IReadOnlyCollection<ChangeEvidence> kept) =>
        Inner.RemoveAllBut(kept);
}
