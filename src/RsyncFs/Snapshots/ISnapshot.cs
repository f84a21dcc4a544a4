using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Sharing;

namespace RsyncFs.Snapshots;

/// <summary>A source as it was at one moment, open for reading. Disposing it closes it, and removes nothing.</summary>
public interface ISnapshot : IDisposable
{
    /// <summary>What is read.</summary>
    IBlockDevice Device { get; }

    /// <summary>The moment.</summary>
    DateTimeOffset TakenAt { get; }

    /// <summary>
    /// What is remembered of it, to find it again: whoever finds a snapshot by equal evidence finds equal content (C5, C17).
    /// </summary>
    ChangeEvidence Evidence { get; }

    /// <summary>True if the source may be written while it is read: what is copied is then no state that it ever had.</summary>
    bool IsFuzzy { get; }

    /// <summary>Bytes of it that its file system calls free, and that count as zeros for that.</summary>
    long FreeBytes => 0;

    /// <summary>Bytes of the file system's metadata that were read to find that out, of this snapshot and of others of the run.</summary>
    long MetadataBytesRead => 0;

    /// <summary>Makes sure that everything read until now was the source at that moment. Asked after the last read, before the commit.</summary>
    /// <exception cref="DeviceException">It was not: the source changed (<see cref="ErrorId.SourceChanged"/>), or the snapshot ran full (<see cref="ErrorId.SnapshotOverflow"/>).</exception>
    void EnsureValid();

    /// <summary>What is taken over from other cycles that read this snapshot at the same time; null if there are none.</summary>
    internal SharedReads? SharedBy(BlockHasher hasher) => null;
}
