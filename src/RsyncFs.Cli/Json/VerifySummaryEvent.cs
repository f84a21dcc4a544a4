using RsyncFs.Cli.Output;

namespace RsyncFs.Cli.Json;

/// <summary>What a comparison found: <see cref="VerifyReport"/>, field by field.</summary>
internal sealed record VerifySummaryEvent() : JsonEvent("verify_summary")
{
    /// <summary>The destination as it was written.</summary>
    public required string Dest { get; init; }

    /// <summary><c>ok</c> or <c>differs</c>.</summary>
    public required string Result { get; init; }

    /// <summary>What the receiver takes the target for: a word of <see cref="TargetStatus"/>.</summary>
    public required string TargetStatus { get; init; }

    /// <summary>Bytes of the device.</summary>
    public required long Size { get; init; }

    /// <summary>Bytes of a block.</summary>
    public required int BlockSize { get; init; }

    /// <summary>Blocks that differ.</summary>
    public required long DifferingBlocks { get; init; }

    /// <summary>Bytes read from the source.</summary>
    public required long Scanned { get; init; }

    /// <summary>Bytes read from the target.</summary>
    public required long TargetRead { get; init; }

    /// <summary>Bytes of the source that are free space and counted as zeros; null if none.</summary>
    public long? Free { get; init; }

    /// <summary>Bytes put on the connection.</summary>
    public required long Sent { get; init; }

    /// <summary>Bytes taken from the connection.</summary>
    public required long Received { get; init; }

    /// <summary>Wall time.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>Makes the event.</summary>
    public static VerifySummaryEvent Of(VerifyReport report, string destination) =>
        new()
        {
            Dest = destination,
            Result = report.DifferingBlocks == 0 ? "ok" : "differs",
            TargetStatus = TargetStatusText.Word(report.TargetStatus),
            Size = report.DeviceBytes,
            BlockSize = report.BlockSizeBytes,
            DifferingBlocks = report.DifferingBlocks,
            Scanned = report.SourceBytesRead,
            TargetRead = report.TargetBytesRead,
            Free = report.FreeBytes > 0 ? report.FreeBytes : null,
            Sent = report.BytesSent,
            Received = report.BytesReceived,
            DurationSeconds = report.Duration.TotalSeconds,
        };
}
