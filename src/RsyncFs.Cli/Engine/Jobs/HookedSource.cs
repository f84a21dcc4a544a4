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
) : SourceView(inner)
{
    /// <inheritdoc/>
    /// <exception cref="Errors.RsyncFsException">A hook failed; no snapshot is left behind, and all is undone that was done.</exception>
    public override ISnapshot Take()
    {
        ISnapshot? taken = null;
        try
        {
            return hooks
                .AroundSnapshotAsync(() => taken = Inner.Take(), cancellationToken)
                .GetAwaiter()
                .GetResult();
        }
        catch
        {
            taken?.Dispose();
            throw;
        }
    }
}
