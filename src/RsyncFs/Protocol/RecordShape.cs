namespace RsyncFs.Protocol;

/// <summary>The byte that says which fields of a record follow. Bits 5 and 6 are the codec.</summary>
[Flags]
internal enum RecordShape : byte
{
    None = 0,

    /// <summary>Some pages are written.</summary>
    Written = 1 << 0,

    /// <summary>Some pages become zeros.</summary>
    Zeroed = 1 << 1,

    /// <summary>Some pages are copied.</summary>
    Copies = 1 << 2,

    /// <summary>All pages are written, and their bitmap is left out.</summary>
    Whole = 1 << 3,

    /// <summary>A run of blocks becomes zeros; no other bit is set.</summary>
    ZeroRun = 1 << 4,

    /// <summary>What is stored of the written pages is a patch of the block's content in generation N. With the codec LZ4 alone.</summary>
    Patch = 1 << 7,
}
