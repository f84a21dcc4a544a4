using RsyncFs.Blocks;
using RsyncFs.Journals;

namespace RsyncFs.Targets;

/// <summary>What a target's record becomes when a generation is whole on it.</summary>
internal static class GenerationRecord
{
    /// <summary>The record of a target that is on its way to a generation: committed to it, or written in place.</summary>
    /// <param name="record">What it was; null if it was never initialised.</param>
    /// <param name="status">Which of them.</param>
    /// <param name="volume">The volume of the session.</param>
    /// <param name="epoch">The epoch of the session.</param>
    /// <param name="generation">The generation.</param>
    /// <param name="now">The time.</param>
    /// <remarks>Length and key of the device are those of the record; who has the device fills them in.</remarks>
    public static TargetRecord Begun(
        TargetRecord? record,
        TargetStatus status,
        Volume volume,
        ulong epoch,
        Guid generation,
        DateTimeOffset now
    )
    {
        // What was there before a first copy, or of another volume, is nobody's past.
        var isBegun = status != TargetStatus.Initializing || record?.Status == status;
        var before = isBegun && record is not null && (record.Volume ?? volume) == volume ? record : null;
        return new TargetRecord
        {
            Status = status,
            Volume = volume,
            LengthBytes = record?.LengthBytes ?? 0,
            DeviceKey = record?.DeviceKey ?? Guid.Empty,
            Epoch = epoch,
            HighestEpoch = Math.Max(record?.HighestEpoch ?? 0, epoch),
            Generation = before?.Generation ?? Guid.Empty,
            Ancestors = before?.Ancestors ?? [],
            Root = before?.Root ?? default,
            DataTime = before?.DataTime ?? DateTimeOffset.UnixEpoch,
            IsFuzzy = before?.IsFuzzy ?? false,
            ChangedAt = before?.ChangedAt ?? now,
            OverflowLimitBytes = before?.OverflowLimitBytes ?? 0,
            Pending = new PendingGeneration(generation, Guid.Empty, JournalBytes: 0, JournalChain: default),
        };
    }

    /// <summary>The record of a target onto which <paramref name="journal"/> was applied.</summary>
    public static TargetRecord Consistent(TargetRecord record, Journal journal)
    {
        var commit = journal.CommitRecord!;
        return Consistent(
            record,
            new GenerationStart(journal.Header.Generation, record.Generation, journal.Header.DataTime),
            new GenerationEnd(commit.Signature.Strong, commit.Signature.Weak != 0)
        );
    }

    /// <summary>The record of a target that is <paramref name="start"/>'s generation.</summary>
    public static TargetRecord Consistent(TargetRecord record, GenerationStart start, GenerationEnd end) =>
        record with
        {
            Status = TargetStatus.Consistent,
            Generation = start.Id,
            Ancestors = SourceLineage.Push(record.Generation, record.Ancestors),
            Root = end.Root,
            DataTime = start.DataTime,
            IsFuzzy = end.IsFuzzy,
            Pending = null,
            OverflowLimitBytes = 0,
        };

    /// <summary>The record of a target to which its own generation was sent again: only the time of its data moves on, and the epoch that it has seen.</summary>
    public static TargetRecord Kept(
        TargetRecord record,
        GenerationStart start,
        GenerationEnd end,
        ulong epoch
    ) =>
        record with
        {
            DataTime = start.DataTime,
            IsFuzzy = end.IsFuzzy,
            OverflowLimitBytes = 0,
            Epoch = epoch,
            HighestEpoch = Math.Max(record.HighestEpoch, epoch),
        };
}
