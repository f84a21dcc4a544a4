namespace RsyncFs.Blocks;

/// <summary>
/// One changed block: the ops that make its new content, and the digest that proves it. A page that no op names
/// keeps its content of generation N. No page is named twice.
/// </summary>
public sealed record BlockChange : DeltaRecord
{
    /// <summary>Makes a change of one block.</summary>
    public BlockChange(long blockIndex, Digest digest)
        : base(blockIndex, 1)
    {
        Digest = digest;
    }

    /// <summary>The digest of the block's new content.</summary>
    public Digest Digest { get; }

    /// <summary>Write op, or Patch op: the pages whose bytes stand in <see cref="Stored"/>, or null if there are none.</summary>
    public PageBitmap? WrittenPages { get; init; }

    /// <summary>How <see cref="Stored"/> is coded.</summary>
    public CodecId Codec { get; init; }

    /// <summary>The bytes of the written pages, one after the other in page order, coded by <see cref="Codec"/>.</summary>
    public ReadOnlyMemory<byte> Stored { get; init; }

    /// <summary>
    /// True for a Patch op in place of a Write op: <see cref="Stored"/> is made by <see cref="BlockPatch"/> from what the
    /// block holds in generation N. With the codec <see cref="CodecId.Lz4"/> alone.
    /// </summary>
    public bool IsPatch { get; init; }

    /// <summary>Zero op: the pages that become zeros, or null if there are none.</summary>
    public PageBitmap? ZeroedPages { get; init; }

    /// <summary>Copy ops, in page order.</summary>
    public IReadOnlyList<CopyOp> Copies { get; init; } = [];

    /// <summary>True if the pages that the ops name get their bytes from here alone, and not from generation N.</summary>
    public bool IsLiteral => Copies.Count == 0 && !IsPatch;

    /// <summary>Bytes of the written pages before coding.</summary>
    public int LiteralLength(BlockLayout layout) => LengthOf(layout, FirstBlock, WrittenPages);

    /// <summary>Bytes of the pages in <paramref name="pages"/> of block <paramref name="index"/>.</summary>
    public static int LengthOf(BlockLayout layout, long index, PageBitmap? pages)
    {
        if (pages is null)
        {
            return 0;
        }

        var lastPage = pages.PageCount - 1;
        var length = pages.Count * BlockLayout.PageSizeBytes;
        return pages.Contains(lastPage)
            ? length - BlockLayout.PageSizeBytes + layout.PageLengthOf(index, lastPage)
            : length;
    }
}
