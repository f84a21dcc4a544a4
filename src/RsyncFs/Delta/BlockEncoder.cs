using RsyncFs.Blocks;

namespace RsyncFs.Delta;

/// <summary>
/// Turns the new content of one block into the record that makes it: zeros as zero ops, found content as copy ops,
/// the rest as literal bytes, compressed where that pays, or as a patch of what is there.
/// </summary>
internal sealed class BlockEncoder(BlockHasher hasher, LiteralCompressor compressor)
{
    // Compressing pays if it saves a sixteenth; less is not worth the time to decompress.
    private const int LeastSaving = 16;

    // A patch costs the receiver room in its journal, where it stands literally, so it pays only if it saves a quarter
    // of what would travel else.
    private const int LeastSavingOfPatch = 4;

    private readonly BlockLayout _layout = hasher.Layout;

    /// <summary>What literal bytes are compressed by now, and why.</summary>
    public CompressionChoice Compression => compressor.Choice;

    /// <summary>Encodes one block.</summary>
    /// <param name="block">Its number.</param>
    /// <param name="content">Its new content. The record may point into it.</param>
    /// <param name="digest">The digest of that content.</param>
    /// <param name="neededPages">The pages that differ; null for all, and then the record does not depend on what the target holds.</param>
    /// <param name="old">What the target has in this block, where that is known and patches may be sent; else empty.</param>
    /// <param name="spans">Content that the target holds elsewhere.</param>
    /// <param name="scratch">Memory for what the record points to; it must live as long as the record.</param>
    public DeltaRecord Encode(
        long block,
        ReadOnlyMemory<byte> content,
        Digest digest,
        PageBitmap? neededPages,
        ReadOnlyMemory<byte> old,
        IReadOnlyList<MatchSpan> spans,
        Scratch scratch
    )
    {
        if (digest == hasher.ZeroDigest(block) && Zeros.IsZero(content.Span))
        {
            return new ZeroRun(block, 1);
        }

        var pageCount = _layout.PageCountOf(block);
        var needed = neededPages ?? PageBitmap.All(pageCount);
        var zeroed = new PageBitmap(pageCount);
        var left = new PageBitmap(pageCount);
        for (var page = 0; page < pageCount; page++)
        {
            if (needed.Contains(page))
            {
                (Zeros.IsZero(PageOf(block, content, page).Span) ? zeroed : left).Add(page);
            }
        }

        var plan = CopyPlanner.Plan(_layout, block, left, spans);
        var (codecUsed, stored, isPatch) = Store(block, content, plan.LiteralPages, old, scratch);
        return new BlockChange(block, digest)
        {
            WrittenPages = plan.LiteralPages.IsEmpty ? null : plan.LiteralPages,
            Codec = codecUsed,
            Stored = stored,
            IsPatch = isPatch,
            ZeroedPages = zeroed.IsEmpty ? null : zeroed,
            Copies = plan.Copies,
        };
    }

    private (CodecId Codec, ReadOnlyMemory<byte> Stored, bool IsPatch) Store(
        long block,
        ReadOnlyMemory<byte> content,
        PageBitmap pages,
        ReadOnlyMemory<byte> old,
        Scratch scratch
    )
    {
        if (pages.IsEmpty)
        {
            return (CodecId.Raw, default, false);
        }

        var literal = pages.Count == pages.PageCount ? content : Gather(block, content, pages, scratch);
        if (compressor.IsNone)
        {
            return (CodecId.Raw, literal, false);
        }

        var room = scratch.Peek(literal.Length - (literal.Length / LeastSaving));
        var length = compressor.Encode(literal.Span, room.Span, out var codec);
        if (!old.IsEmpty && compressor.Patches is { } patches)
        {
            // What was compressed lies in front, and stays there unless the patch is better.
            var most = length == 0 ? literal.Length : length;
            most -= most / LeastSavingOfPatch;
            room = scratch.Peek(length + most);
            var patch = BlockPatch.Encode(patches, pages, old.Span, content.Span, room.Span[length..]);
            if (patch > 0)
            {
                room.Slice(length, patch).CopyTo(room);
                return (patches.Id, scratch.Take(patch), true);
            }
        }

        return length == 0 ? (CodecId.Raw, literal, false) : (codec, scratch.Take(length), false);
    }

    private ReadOnlyMemory<byte> Gather(
        long block,
        ReadOnlyMemory<byte> content,
        PageBitmap pages,
        Scratch scratch
    )
    {
        var gathered = scratch.Take(BlockChange.LengthOf(_layout, block, pages));
        var to = gathered.Span;
        for (var page = 0; page < pages.PageCount; page++)
        {
            if (pages.Contains(page))
            {
                var from = PageOf(block, content, page).Span;
                from.CopyTo(to);
                to = to[from.Length..];
            }
        }

        return gathered;
    }

    private ReadOnlyMemory<byte> PageOf(long block, ReadOnlyMemory<byte> content, int page) =>
        content.Slice(page * BlockLayout.PageSizeBytes, _layout.PageLengthOf(block, page));
}
