using RsyncFs.Blocks;

namespace RsyncFs;

/// <summary>What comparing source and target found.</summary>
public sealed record VerifyReport
{
    /// <summary>Bytes of the device.</summary>
    public required long DeviceBytes { get; init; }

    /// <summary>What the receiver takes the target for.</summary>
    public TargetStatus TargetStatus { get; init; } = TargetStatus.Consistent;

    /// <summary>The unit of comparison.</summary>
    public required int BlockSizeBytes { get; init; }

    /// <summary>Blocks that differ.</summary>
    public required long DifferingBlocks { get; init; }

    /// <summary>The first runs that differ, at most 16.</summary>
    public required IReadOnlyList<Extent> FirstDifferences { get; init; }

    /// <summary>Bytes read from the source; holes are not read.</summary>
    public required long SourceBytesRead { get; init; }

    /// <summary>Bytes read from the target.</summary>
    public required long TargetBytesRead { get; init; }

    /// <summary>Bytes of the source that its file system calls free; they counted as zeros and were not read.</summary>
    public long FreeBytes { get; init; }

    /// <summary>Bytes put on the connection.</summary>
    public required long BytesSent { get; init; }

    /// <summary>Bytes taken from the connection.</summary>
    public required long BytesReceived { get; init; }

    /// <summary>From connecting to the end.</summary>
    public required TimeSpan Duration { get; init; }
}
