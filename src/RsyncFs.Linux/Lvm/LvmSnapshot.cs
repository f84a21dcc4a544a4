using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.Snapshots;

namespace RsyncFs.Linux.Lvm;

/// <summary>A snapshot that this program took of a logical volume, open for reading.</summary>
internal sealed class LvmSnapshot : ISnapshot, IBlockDevice
{
    private readonly LinuxBlockDevice _device;
    private readonly string _source;

    /// <summary>Opens it.</summary>
    /// <param name="volume">The snapshot, active.</param>
    /// <param name="source">What a person calls the volume that it is of.</param>
    /// <param name="takenAt">When it was taken.</param>
    /// <exception cref="DeviceException">It can not be opened.</exception>
    public LvmSnapshot(LogicalVolume volume, string source, DateTimeOffset takenAt)
    {
        Volume = volume;
        _source = source;
        TakenAt = takenAt;
        _device = LinuxBlockDevice.OpenSource(
            volume.FindNode()
                ?? throw new DeviceException(ErrorId.SnapshotCreate, "the snapshot is not active")
                {
                    Where = volume.FullName,
                }
        );
    }

    /// <summary>The snapshot itself.</summary>
    public LogicalVolume Volume { get; }

    /// <summary>Looks how full it is while it is open; null if nobody does. Taken over.</summary>
    public FillWatch? Watch { get; init; }

    /// <inheritdoc/>
    public IBlockDevice Device => this;

    /// <inheritdoc/>
    public DateTimeOffset TakenAt { get; }

    /// <inheritdoc/>
    public ChangeEvidence Evidence => EvidenceOf(Volume);

    /// <inheritdoc/>
    public bool IsFuzzy => false;

    /// <inheritdoc/>
    public string Name => $"{_source} (snapshot {Volume.FullName})";

    /// <inheritdoc/>
    public string StableId => _device.StableId;

    /// <inheritdoc/>
    public long LengthBytes => _device.LengthBytes;

    /// <inheritdoc/>
    public long SectorsWritten => 0;

    /// <summary>What is remembered of a snapshot: it is read-only, so that what bears its uuid has its content.</summary>
    public static ChangeEvidence EvidenceOf(LogicalVolume snapshot) =>
        new($"lvm snapshot {snapshot.GroupUuid} {snapshot.Uuid}", SectorsWritten: -1, Stamp: "");

    /// <inheritdoc/>
    /// <remarks>
    /// By a read past the page cache: once the kernel has given a snapshot up, every read of it fails, and it is never
    /// taken back (drivers/md/dm-snap.c, snapshot_map). So what was read before was read of a whole one.
    /// </remarks>
    public void EnsureValid() => Read(0, new byte[Math.Min(BlockLayout.PageSizeBytes, LengthBytes)]);

    /// <inheritdoc/>
    /// <remarks>Of a snapshot that ran full all reads fail, which is not the device's fault: the error says so.</remarks>
    public void Read(long offsetBytes, Span<byte> buffer)
    {
        try
        {
            _device.Read(offsetBytes, buffer);
        }
        catch (DeviceException failure) when (failure.Id == ErrorId.SourceIo)
        {
            ThrowIfGone();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Zero(Extent extent) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Flush() => throw new NotSupportedException();

    /// <inheritdoc/>
    public Extent NextData(long offsetBytes) => _device.NextData(offsetBytes);

    /// <inheritdoc/>
    public ChangeEvidence ReadEvidence() => Evidence;

    /// <inheritdoc/>
    public void Dispose()
    {
        Watch?.Dispose();
        _device.Dispose();
    }

    private void ThrowIfGone()
    {
        var now =
            LogicalVolume.Find(Volume.Uuid)
            ?? throw new DeviceException(
                ErrorId.SnapshotOverflow,
                "the snapshot was removed before the transfer ended"
            )
            {
                Where = Volume.FullName,
                Hint = "run the same command again; the target was not made a new generation",
            };
        if (now.IsOverflown)
        {
            throw Overflow();
        }
    }

    private DeviceException Overflow() =>
        new(ErrorId.SnapshotOverflow, "the snapshot ran full before the transfer ended")
        {
            Where = Volume.FullName,
            Cause =
                $"more was written to {_source} meanwhile than the {Volume.SizeBytes} bytes of its copy-on-write space hold",
            Hint = "the next run takes twice the space; or say it: --cow-size 20%; or use a thin volume",
        };
}
