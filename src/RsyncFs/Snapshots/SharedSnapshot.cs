using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Sharing;

namespace RsyncFs.Snapshots;

/// <summary>A snapshot as one of several cycles has it. Closing it leaves it open for the others.</summary>
/// <param name="snapshot">What they share.</param>
/// <param name="leave">Says that this one has closed it.</param>
internal sealed class SharedSnapshot(OpenSnapshot snapshot, Action leave) : ISnapshot
{
    private bool _isClosed;

    /// <inheritdoc/>
    public IBlockDevice Device => snapshot.Inner.Device;

    /// <inheritdoc/>
    public DateTimeOffset TakenAt => snapshot.Inner.TakenAt;

    /// <inheritdoc/>
    public ChangeEvidence Evidence => snapshot.Inner.Evidence;

    /// <inheritdoc/>
    public bool IsFuzzy => snapshot.Inner.IsFuzzy;

    /// <inheritdoc/>
    public long FreeBytes => snapshot.Inner.FreeBytes;

    /// <inheritdoc/>
    public long MetadataBytesRead => snapshot.Inner.MetadataBytesRead;

    /// <summary>The snapshot itself: whoever took it knows it only as that.</summary>
    public static ISnapshot Unwrap(ISnapshot snapshot) =>
        snapshot is SharedSnapshot shared ? shared.Inner : snapshot;

    /// <inheritdoc/>
    public void EnsureValid() => snapshot.Inner.EnsureValid();

    /// <inheritdoc/>
    public void Dispose()
    {
        // Whoever lent it may take it back at the same time.
        if (!Interlocked.Exchange(ref _isClosed, true))
        {
            leave();
        }
    }

    SharedReads? ISnapshot.SharedBy(BlockHasher hasher) => snapshot.SharedBy(hasher);

    private ISnapshot Inner => snapshot.Inner;
}
