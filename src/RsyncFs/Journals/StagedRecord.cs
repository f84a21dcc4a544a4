namespace RsyncFs.Journals;

/// <summary>Where a journal has the record of some blocks.</summary>
/// <param name="FirstBlock">The first block.</param>
/// <param name="BlockCount">How many there are.</param>
/// <param name="OffsetBytes">Where the record begins in the file.</param>
internal readonly record struct StagedRecord(long FirstBlock, int BlockCount, long OffsetBytes);
