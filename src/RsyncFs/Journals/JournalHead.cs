using RsyncFs.Blocks;

namespace RsyncFs.Journals;

/// <summary>The head of a journal's record, read without what it stores: enough to walk the chain.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Number">A checkpoint: records of the delta before it.</param>
/// <param name="LengthBytes">Bytes that the record takes in the journal.</param>
/// <param name="Link">The checksum that the record before it must have.</param>
/// <param name="Checksum">Its own, as it says.</param>
internal readonly record struct JournalHead(
    JournalRecordType Type,
    long Number,
    long LengthBytes,
    Digest Link,
    Digest Checksum
);
