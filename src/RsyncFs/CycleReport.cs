using RsyncFs.Blocks;
using RsyncFs.Protocol;

namespace RsyncFs;

/// <summary>What one cycle did, in numbers. With <see cref="Purpose.Estimate"/>: what it would have done.</summary>
public sealed record CycleReport
{
    /// <summary>Replicate or estimate.</summary>
    public required Purpose Purpose { get; init; }

    /// <summary>What the target was when the cycle began.</summary>
    public TargetStatus TargetStatus { get; init; } = TargetStatus.Consistent;

    /// <summary>How the changes were found.</summary>
    public required Plan Plan { get; init; }

    /// <summary>Why that plan, in words.</summary>
    public required string PlanReason { get; init; }

    /// <summary>How the delta was brought onto the target.</summary>
    public required ApplyMode ApplyMode { get; init; }

    /// <summary>The target's generation after the cycle; zero after an estimate of a first copy.</summary>
    public required Guid Generation { get; init; }

    /// <summary>True if this was the target's first copy.</summary>
    public required bool IsInitial { get; init; }

    /// <summary>True if an interrupted delta was gone on with: what was durable of it was not sent again.</summary>
    public bool IsResumed { get; init; }

    /// <summary>Of an estimate: so many records of an interrupted delta are durable at the target, and would not be sent again; 0 if there is none to go on with.</summary>
    public long ArrivedRecordCount { get; init; }

    /// <summary>True if the source was in use while it was read.</summary>
    public required bool IsFuzzy { get; init; }

    /// <summary>Bytes of the device.</summary>
    public required long DeviceBytes { get; init; }

    /// <summary>The unit of comparison.</summary>
    public required int BlockSizeBytes { get; init; }

    /// <summary>Bytes read from the source; holes are not read.</summary>
    public required long SourceBytesRead { get; init; }

    /// <summary>Bytes of the source that were looked at and not read: another destination's cycle had just read them.</summary>
    public long SourceBytesShared { get; init; }

    /// <summary>Bytes the receiver read from the target.</summary>
    public required long TargetBytesRead { get; init; }

    /// <summary>Bytes of the storage's own tables, and of the file system's, that were read to find what changed and what is free.</summary>
    public long MetadataBytesRead { get; init; }

    /// <summary>Bytes that writers of the source had to copy away first since the last cycle, because its snapshot was kept.</summary>
    public long BaseCopiedBytes { get; init; }

    /// <summary>Bytes of the source that its file system calls free; they counted as zeros and were not read.</summary>
    public long FreeBytes { get; init; }

    /// <summary>Bytes the receiver wrote to or zeroed on the target.</summary>
    public required long TargetBytesWritten { get; init; }

    /// <summary>Blocks that differ.</summary>
    public required long ChangedBlocks { get; init; }

    /// <summary>Bytes of the pages that differ, or of the whole blocks where pages were not asked for.</summary>
    public long ChangedBytes => LiteralBytes + CopiedBytes + PatchedBytes + ZeroedBytes;

    /// <summary>Bytes sent as they are, before compression.</summary>
    public required long LiteralBytes { get; init; }

    /// <summary>Those bytes as they travelled, compressed where it paid.</summary>
    public required long StoredBytes { get; init; }

    /// <summary>What they were compressed by in the end, and why.</summary>
    public CompressionChoice Compression { get; init; } = new(Blocks.Compression.None, "nothing was sent");

    /// <summary>Bytes that the target took from elsewhere on itself.</summary>
    public required long CopiedBytes { get; init; }

    /// <summary>Bytes that the target made of what it had in their place and of a patch.</summary>
    public required long PatchedBytes { get; init; }

    /// <summary>The patches of those bytes as they travelled.</summary>
    public required long PatchedStoredBytes { get; init; }

    /// <summary>Bytes that became zeros.</summary>
    public required long ZeroedBytes { get; init; }

    /// <summary>Bytes put on the connection, everything included; of an estimate, with the delta that it did not send.</summary>
    public required long BytesSent { get; init; }

    /// <summary>Bytes taken from the connection, everything included.</summary>
    public required long BytesReceived { get; init; }

    /// <summary>From connecting to the target's word.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>How long each part took, in the order they ran.</summary>
    public required IReadOnlyList<PhaseTime> Phases { get; init; }

    /// <summary>True if source and target were equal to begin with.</summary>
    public bool IsUnchanged => ChangedBlocks == 0;

    /// <summary>Bytes of the device for each byte on the connection.</summary>
    public double Speedup => (double)DeviceBytes / Math.Max(1, BytesSent + BytesReceived);
}
