using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Linux.Devices;
using RsyncFs.Snapshots;

namespace RsyncFs.Linux.Lvm;

/// <summary>A snapshot of <see cref="PoolSnapshots"/>, open for reading.</summary>
internal sealed class PoolSnapshot(LinuxBlockDevice device, ChangeEvidence evidence, DateTimeOffset takenAt)
    : ISnapshot
{
    /// <inheritdoc/>
    public IBlockDevice Device => device;

    /// <inheritdoc/>
    public DateTimeOffset TakenAt => takenAt;

    /// <inheritdoc/>
    public ChangeEvidence Evidence => evidence;

    /// <inheritdoc/>
    public bool IsFuzzy => false;

    /// <inheritdoc/>
    /// <remarks>What is open can not be removed; what was made to fail fails to be read.</remarks>
    public void EnsureValid() =>
        device.Read(0, new byte[Math.Min(BlockLayout.PageSizeBytes, device.LengthBytes)]);

    /// <inheritdoc/>
    public void Dispose() => device.Dispose();
}
