using System.Buffers.Binary;

namespace RsyncFs.Blocks;

/// <summary>
/// Patch op: the bytes of some pages of a block, coded with what the block held before as dictionary, so that an edit
/// costs about what it wrote. Each run of neighbouring pages, cut after every fourth, is a piece:
/// <code>
/// length field
///      2 stored length: as long as the piece itself, which then is not coded, or less
///   rest the bytes
/// </code>
/// The dictionary of a piece is the old content of its pages, of the one before and of the one behind, as far as the
/// block has them: what stayed in its place, or moved by less than a page, is within reach.
/// </summary>
/// <remarks>
/// LZ4 reaches back 65535 bytes (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md): with all of the old
/// block in front, what stayed in place in a block of 64 KiB would be a byte too far. A piece and its dictionary are
/// 40 KiB at most.
/// </remarks>
public static class BlockPatch
{
    private const int PiecePageCount = 4;
    private const int LengthField = sizeof(ushort);

    /// <summary>Codes pages of a block; gives the bytes used of <paramref name="stored"/>, or 0 if they do not suffice.</summary>
    /// <param name="codec">Codes a piece.</param>
    /// <param name="pages">Which pages.</param>
    /// <param name="old">The whole block as it was.</param>
    /// <param name="content">The whole block as it is to be: as long.</param>
    /// <param name="stored">Room for as much as is worth it.</param>
    public static int Encode(
        IBlockCodec codec,
        PageBitmap pages,
        ReadOnlySpan<byte> old,
        ReadOnlySpan<byte> content,
        Span<byte> stored
    )
    {
        var used = 0;
        for (var first = NextPage(pages, 0); first < pages.PageCount; )
        {
            var end = EndOfPiece(pages, first);
            var piece = PagesOf(content, first, end);
            if (stored.Length - used <= LengthField)
            {
                return 0;
            }

            var room = stored[(used + LengthField)..];
            var length = codec.Encode(
                piece,
                DictionaryOf(old, first, end),
                room[..Math.Min(room.Length, piece.Length - 1)]
            );
            if (length == 0)
            {
                if (!piece.TryCopyTo(room))
                {
                    return 0;
                }

                length = piece.Length;
            }

            BinaryPrimitives.WriteUInt16LittleEndian(stored[used..], (ushort)length);
            used += LengthField + length;
            first = NextPage(pages, end);
        }

        return used;
    }

    /// <summary>Fills the pages of <paramref name="content"/> that were coded; the others stay as they are.</summary>
    /// <param name="codec">Decodes a piece.</param>
    /// <param name="pages">Which pages.</param>
    /// <param name="old">The whole block as it was: not the memory of <paramref name="content"/>.</param>
    /// <param name="stored">What <see cref="Encode"/> made.</param>
    /// <param name="content">The whole block: as long as <paramref name="old"/>.</param>
    /// <exception cref="InvalidDataException">The bytes are damaged, too few or too many: whatever the old block holds, they are no patch.</exception>
    public static void Decode(
        IBlockCodec codec,
        PageBitmap pages,
        ReadOnlySpan<byte> old,
        ReadOnlySpan<byte> stored,
        Span<byte> content
    )
    {
        var reader = new ByteReader(stored);
        for (var first = NextPage(pages, 0); first < pages.PageCount; )
        {
            var end = EndOfPiece(pages, first);
            var piece = content[OffsetOf(content.Length, first)..OffsetOf(content.Length, end)];
            var bytes = reader.ReadBytes(reader.ReadUInt16());
            if (bytes.Length == piece.Length)
            {
                bytes.CopyTo(piece);
            }
            else if (bytes.IsEmpty || bytes.Length > piece.Length)
            {
                throw new InvalidDataException($"a piece of {bytes.Length} bytes for {piece.Length}");
            }
            else
            {
                codec.Decode(bytes, DictionaryOf(old, first, end), piece);
            }

            first = NextPage(pages, end);
        }

        reader.EnsureEnd();
    }

    private static ReadOnlySpan<byte> DictionaryOf(ReadOnlySpan<byte> old, int firstPage, int endPage) =>
        PagesOf(old, Math.Max(0, firstPage - 1), endPage + 1);

    private static ReadOnlySpan<byte> PagesOf(ReadOnlySpan<byte> block, int firstPage, int endPage) =>
        block[OffsetOf(block.Length, firstPage)..OffsetOf(block.Length, endPage)];

    private static int OffsetOf(int blockLength, int page) =>
        Math.Min(blockLength, page * BlockLayout.PageSizeBytes);

    private static int NextPage(PageBitmap pages, int page)
    {
        while (page < pages.PageCount && !pages.Contains(page))
        {
            page++;
        }

        return page;
    }

    private static int EndOfPiece(PageBitmap pages, int first)
    {
        var end = first + 1;
        while (end < pages.PageCount && end - first < PiecePageCount && pages.Contains(end))
        {
            end++;
        }

        return end;
    }
}
