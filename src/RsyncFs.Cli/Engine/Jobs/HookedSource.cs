using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Snapshots;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>A source about whose snapshots something is run.</summary>
/// <param name="inner">The source.</param>
/// <param name="hooks">What is run.</param>
/// <param name="cancellationToken">Ends what is run.</param>
internal sealed class HookedSource(
    ISnapshotProvider inner,
    CycleHooks hooks,
    CancellationToken cancellationToken
) : ISnapshotProvider
{
    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public SetShape Shape => inner.Shape;

    /// <inheritdoc/>
    public bool KeepsBase => inner.KeepsBase;

    /// <inheritdoc/>
    public string? ObstacleToLists => inner.ObstacleToLists;

    /// <inheritdoc/>
    /// <exception cref="Errors.RsyncFsException">A hook failed; no snapshot is left behind, and all is undone that was done.</exception>
    public ISnapshot Take()
    {
        ISnapshot? taken = null;
        try
        {
            return hooks
                .AroundSnapshotAsync(() => taken = inner.Take(), cancellationToken)
                .GetAwaiter()
                .GetResult();
        }
        catch
        {
            taken?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ISnapshot? Reopen(ChangeEvidence evidence) => inner.Reopen(evidence);

    /// <inheritdoc/>
    public SnapshotChanges? FindChanges(ChangeEvidence earlier, ISnapshot later, out string obstacle) =>
        inner.FindChanges(earlier, later, out obstacle);

    /// <inheritdoc/>
    public IReadOnlyList<string> RemoveAllBut(IReadOnlyCollection<ChangeEvidence> kept) =>
        inner.RemoveAllBut(kept);
}
