using RsyncFs.Blocks;

namespace RsyncFs.Targets;

/// <summary>What a target's record becomes when a generation is whole on it.</summary>
internal static class GenerationRecord
{
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
}
