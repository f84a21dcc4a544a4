using RsyncFs.Blocks;

namespace RsyncFs.Journals;

/// <summary>A checkpoint of a journal: the delta can be gone on from here.</summary>
/// <param name="RecordCount">Records of the delta before it.</param>
/// <param name="Chain">The chain over them.</param>
/// <param name="StagedCount">Blocks and zero runs before it in the journal.</param>
/// <param name="EndBytes">Where the journal goes on.</param>
/// <param name="Link">What the next record links to.</param>
internal readonly record struct JournalMark(
    long RecordCount,
    Digest Chain,
    int StagedCount,
    long EndBytes,
    Digest Link
);
