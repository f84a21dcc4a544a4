namespace RsyncFs.Delta;

/// <summary>What a delta is made of, in bytes and blocks. Added up by one thread.</summary>
internal sealed class DeltaTotals
{
    /// <summary>Blocks that differ.</summary>
    public long ChangedBlocks { get; set; }

    /// <summary>Bytes sent as they are, before compression.</summary>
    public long LiteralBytes { get; set; }

    /// <summary>Those bytes as they are stored.</summary>
    public long StoredBytes { get; set; }

    /// <summary>Bytes that the target has elsewhere.</summary>
    public long CopiedBytes { get; set; }

    /// <summary>Bytes sent as patches of what the target has in their place, before coding.</summary>
    public long PatchedBytes { get; set; }

    /// <summary>Those bytes as they are stored.</summary>
    public long PatchedStoredBytes { get; set; }

    /// <summary>Literal bytes and patches as they are stored.</summary>
    public long TravelledBytes => StoredBytes + PatchedStoredBytes;

    /// <summary>Bytes that become zeros.</summary>
    public long ZeroedBytes { get; set; }

    /// <summary>Bytes that the records take on the wire, at most.</summary>
    public long DeltaBytes { get; set; }

    /// <summary>Bytes that get new content.</summary>
    public long ChangedBytes => LiteralBytes + CopiedBytes + PatchedBytes + ZeroedBytes;
}
