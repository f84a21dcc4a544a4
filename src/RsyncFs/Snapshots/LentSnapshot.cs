using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Snapshots;

/// <summary>An earlier snapshot that a cycle reads for its comfort, and that may be taken from it at any moment. Safe to use from several threads.</summary>
/// <param name="inner">It.</param>
internal sealed class LentSnapshot(ISnapshot inner) : ISnapshot
{
    private readonly LentDevice _device = new(inner.Device);

    /// <inheritdoc/>
    public IBlockDevice Device => _device;

    /// <inheritdoc/>
    public DateTimeOffset TakenAt => inner.TakenAt;

    /// <inheritdoc/>
    public ChangeEvidence Evidence => inner.Evidence;

    /// <inheritdoc/>
    public bool IsFuzzy => inner.IsFuzzy;

    /// <inheritdoc/>
    public void EnsureValid() => inner.EnsureValid();

    /// <summary>Closes it. What is being read is read to its end; later reads fail as those of a device that is gone.</summary>
    public void TakeBack()
    {
        _device.End();
        inner.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => TakeBack();

    private sealed class LentDevice(IBlockDevice inner) : DeviceView(inner)
    {
        private readonly ReaderWriterLockSlim _use = new();
        private bool _isOver;

        public override void Read(long offsetBytes, Span<byte> buffer)
        {
            _use.EnterReadLock();
            try
            {
                if (_isOver)
                {
                    throw new DeviceException(ErrorId.SourceIo, "the snapshot was given up")
                    {
                        Where = Name,
                        Cause = "other cycles of the source went on without this one",
                    };
                }

                Inner.Read(offsetBytes, buffer);
            }
            finally
            {
                _use.ExitReadLock();
            }
        }

        public void End()
        {
            _use.EnterWriteLock();
            _isOver = true;
            _use.ExitWriteLock();
        }
    }
}
