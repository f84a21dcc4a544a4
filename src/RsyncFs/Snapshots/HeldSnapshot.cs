using RsyncFs.Devices;

namespace RsyncFs.Snapshots;

/// <summary>A snapshot that is known to be open for as long as it is.</summary>
/// <param name="inner">It.</param>
/// <param name="release">Says that it is closed.</param>
internal sealed class HeldSnapshot(ISnapshot inner, Action release) : ISnapshot
{
    private bool _isClosed;

    /// <summary>The snapshot itself: whoever took it knows it only as that.</summary>
    public ISnapshot Inner => inner;

    /// <inheritdoc/>
    public IBlockDevice Device => inner.Device;

    /// <inheritdoc/>
    public DateTimeOffset TakenAt => inner.TakenAt;

    /// <inheritdoc/>
    public ChangeEvidence Evidence => inner.Evidence;

    /// <inheritdoc/>
    public bool IsFuzzy => inner.IsFuzzy;

    /// <inheritdoc/>
    public long FreeBytes => inner.FreeBytes;

    /// <inheritdoc/>
    public long MetadataBytesRead => inner.MetadataBytesRead;

    /// <inheritdoc/>
    public void EnsureValid() => inner.EnsureValid();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            inner.Dispose();
            release();
        }
    }
}
