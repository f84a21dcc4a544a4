using RsyncFs.Blocks;
using RsyncFs.Cli.Output;
using RsyncFs.Protocol;

namespace RsyncFs.Cli.Json;

/// <summary>What a cycle did: <see cref="CycleReport"/>, field by field.</summary>
internal sealed record SummaryEvent() : JsonEvent("summary")
{
    /// <summary>The destination as it was written.</summary>
    public required string Dest { get; init; }

    /// <summary><c>ok</c>, or <c>nochange</c> if source and target were equal.</summary>
    public required string Result { get; init; }

    /// <summary>True if nothing was written.</summary>
    public required bool DryRun { get; init; }

    /// <summary>The target's generation, 32 hexadecimal digits.</summary>
    public required string Gen { get; init; }

    /// <summary>True for a first copy.</summary>
    public required bool Initial { get; init; }

    /// <summary>True if an interrupted delta was gone on with.</summary>
    public required bool Resumed { get; init; }

    /// <summary>A dry run: records of an interrupted delta that have arrived; missing if there are none to go on with.</summary>
    public long? ArrivedRecords { get; init; }

    /// <summary>True if the source was in use while it was read.</summary>
    public required bool Fuzzy { get; init; }

    /// <summary>How changes were found: <c>full</c>, <c>compare</c>, <c>digest</c>.</summary>
    public required string Plan { get; init; }

    /// <summary>Why that plan.</summary>
    public required string PlanReason { get; init; }

    /// <summary><c>journal</c> or <c>direct</c>.</summary>
    public required string Apply { get; init; }

    /// <summary>What the target was when the cycle began: a word of <see cref="TargetStatus"/>.</summary>
    public required string TargetStatus { get; init; }

    /// <summary>Bytes of the device.</summary>
    public required long Size { get; init; }

    /// <summary>Bytes of a block.</summary>
    public required int BlockSize { get; init; }

    /// <summary>Bytes read from the source.</summary>
    public required long Scanned { get; init; }

    /// <summary>Bytes of the source that were looked at and not read, as another destination's cycle had just read them; null if none.</summary>
    public long? Shared { get; init; }

    /// <summary>Bytes read from the target.</summary>
    public required long TargetRead { get; init; }

    /// <summary>Bytes of the storage's own tables, and of the filesystem's, that were read to find what changed and what is free; null if none.</summary>
    public long? MetadataRead { get; init; }

    /// <summary>Bytes that writers of the source copied away first since the last run, for the base snapshot; null if none.</summary>
    public long? BaseCopied { get; init; }

    /// <summary>Bytes of the source that are free space and counted as zeros; null if none.</summary>
    public long? Free { get; init; }

    /// <summary>Bytes written to the target or zeroed there.</summary>
    public required long TargetWritten { get; init; }

    /// <summary>Bytes that changed: literal, copied, patched and zeroed.</summary>
    public required long Changed { get; init; }

    /// <summary>Blocks that changed.</summary>
    public required long ChangedBlocks { get; init; }

    /// <summary>Bytes that travelled, before compression.</summary>
    public required long Literal { get; init; }

    /// <summary>Those bytes as they travelled.</summary>
    public required long Stored { get; init; }

    /// <summary>What they were compressed by in the end; missing if none travelled.</summary>
    public string? Compression { get; init; }

    /// <summary>Why by that.</summary>
    public string? CompressionReason { get; init; }

    /// <summary>Bytes taken from elsewhere on the target.</summary>
    public required long Copied { get; init; }

    /// <summary>Bytes made on the target of what it had in their place and of a patch.</summary>
    public required long Patched { get; init; }

    /// <summary>The patches of those bytes as they travelled.</summary>
    public required long PatchedStored { get; init; }

    /// <summary>Bytes that became zeros.</summary>
    public required long Zeroed { get; init; }

    /// <summary>Bytes put on the connection.</summary>
    public required long Sent { get; init; }

    /// <summary>Bytes taken from the connection.</summary>
    public required long Received { get; init; }

    /// <summary>Wall time.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>Wall time of each phase.</summary>
    public required IReadOnlyDictionary<string, double> SecondsByPhase { get; init; }

    /// <summary>Bytes of the device for each byte on the connection.</summary>
    public required double Speedup { get; init; }

    /// <summary>Makes the event.</summary>
    public static SummaryEvent Of(CycleReport report, string destination) =>
        new()
        {
            Dest = destination,
            Result = report.IsUnchanged ? "nochange" : "ok",
            DryRun = report.Purpose == Purpose.Estimate,
            Gen = report.Generation.ToString("N"),
            Initial = report.IsInitial,
            Resumed = report.IsResumed,
            ArrivedRecords = report.ArrivedRecordCount == 0 ? null : report.ArrivedRecordCount,
            Fuzzy = report.IsFuzzy,
            Plan = report.Plan.ToString().ToLowerInvariant(),
            PlanReason = report.PlanReason,
            Apply = report.ApplyMode == ApplyMode.Journal ? "journal" : "direct",
            TargetStatus = TargetStatusText.Word(report.TargetStatus),
            Size = report.DeviceBytes,
            BlockSize = report.BlockSizeBytes,
            Scanned = report.SourceBytesRead,
            Shared = report.SourceBytesShared > 0 ? report.SourceBytesShared : null,
            TargetRead = report.TargetBytesRead,
            MetadataRead = report.MetadataBytesRead > 0 ? report.MetadataBytesRead : null,
            BaseCopied = report.BaseCopiedBytes > 0 ? report.BaseCopiedBytes : null,
            Free = report.FreeBytes > 0 ? report.FreeBytes : null,
            TargetWritten = report.TargetBytesWritten,
            Changed = report.ChangedBytes,
            ChangedBlocks = report.ChangedBlocks,
            Literal = report.LiteralBytes,
            Stored = report.StoredBytes,
            Compression = report.LiteralBytes > 0 ? report.Compression.Used.ToString() : null,
            CompressionReason = report.LiteralBytes > 0 ? report.Compression.Reason : null,
            Copied = report.CopiedBytes,
            Patched = report.PatchedBytes,
            PatchedStored = report.PatchedStoredBytes,
            Zeroed = report.ZeroedBytes,
            Sent = report.BytesSent,
            Received = report.BytesReceived,
            DurationSeconds = report.Duration.TotalSeconds,
            SecondsByPhase = SecondsOf(report.Phases),
            Speedup = Math.Round(report.Speedup, 2),
        };

    private static Dictionary<string, double> SecondsOf(IReadOnlyList<PhaseTime> phases)
    {
        var seconds = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var phase in phases)
        {
            seconds[phase.Name] = seconds.GetValueOrDefault(phase.Name) + phase.Duration.TotalSeconds;
        }

        return seconds;
    }
}
