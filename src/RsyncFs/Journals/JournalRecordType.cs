namespace RsyncFs.Journals;

/// <summary>What a record of a journal is. The number stands in the file.</summary>
internal enum JournalRecordType : byte
{
    /// <summary>New content of pages of one block.</summary>
    Block = 1,

    /// <summary>A run of whole blocks of zeros.</summary>
    ZeroRun = 2,

    /// <summary>So much of the delta is durable, and can be gone on from.</summary>
    Checkpoint = 3,

    /// <summary>The delta is whole: the last record of a journal.</summary>
    Commit = 4,
}
