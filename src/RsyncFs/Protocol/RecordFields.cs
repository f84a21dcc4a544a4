using System.Numerics;
using RsyncFs.Blocks;

namespace RsyncFs.Protocol;

/// <summary>
/// One record of a Delta. Records ascend; a field is there only if the shape says so.
/// <code>
/// length field
/// varint first block, less the block behind the record before; in the first record of a frame, the index itself
///      1 shape: see RecordShape; bits 5 and 6 the codec, 0 unless pages are written
///        zero run:
/// varint   block count less 1
///        else:
/// 16, 32   digest of the new block
///   rest   bitmap of the written pages, (pages + 7) / 8 bytes; left out if Whole
///   rest   bitmap of the zeroed pages, likewise
/// varint   number of copies; for each, in page order:
/// varint     first page
/// varint     page count
/// varint     where its bytes begin in the base, less where the page begins; zigzag
/// varint   stored length, from 1 to less than the literal length; only if the codec is not raw
///   rest   stored bytes; raw: as many as the written pages have; Patch: see BlockPatch
/// </code>
/// One record has one coding: what could be said shorter is refused.
/// </summary>
/// <remarks>Zigzag: https://protobuf.dev/programming-guides/encoding/#signed-ints.</remarks>
internal static class RecordFields
{
    private const int CodecShift = 5;
    private const int CodecMask = 3;
    private const int AllShapes = 0x9F;

    /// <summary>Bytes of the record, with the longest index that it could have.</summary>
    public static int SizeOf(DeltaRecord record, SessionFormat format)
    {
        var size = VarintLength(record.FirstBlock) + 1;
        if (record is not BlockChange change)
        {
            return size + VarintLength(record.BlockCount - 1);
        }

        var layout = format.Layout;
        var bitmapLength = PageBitmap.LengthOf(layout.PageCountOf(change.FirstBlock));
        var shape = ShapeOf(change);
        size += format.DigestLength + change.Stored.Length;
        size += shape.HasFlag(RecordShape.Written) && !shape.HasFlag(RecordShape.Whole) ? bitmapLength : 0;
        size += shape.HasFlag(RecordShape.Zeroed) ? bitmapLength : 0;
        size += change.Codec == CodecId.Raw ? 0 : VarintLength(change.Stored.Length);
        if (shape.HasFlag(RecordShape.Copies))
        {
            size += VarintLength(change.Copies.Count);
            foreach (var copy in change.Copies)
            {
                size += VarintLength(copy.FirstPage) + VarintLength(copy.PageCount);
                size += VarintLength(ZigZag(DistanceOf(copy, change.FirstBlock, layout)));
            }
        }

        return size;
    }

    /// <summary>Writes a record.</summary>
    /// <exception cref="ArgumentException">It begins before <paramref name="nextBlock"/>.</exception>
    public static void Write(ByteWriter writer, DeltaRecord record, long nextBlock, SessionFormat format)
    {
        if (record.FirstBlock < nextBlock)
        {
            throw new ArgumentException(
                $"block {record.FirstBlock} behind block {nextBlock - 1}",
                nameof(record)
            );
        }

        writer.WriteVarint((ulong)(record.FirstBlock - nextBlock));
        if (record is not BlockChange change)
        {
            writer.WriteByte((byte)RecordShape.ZeroRun);
            writer.WriteVarint((ulong)(record.BlockCount - 1));
            return;
        }

        var shape = ShapeOf(change);
        writer.WriteByte((byte)((int)shape | ((int)change.Codec << CodecShift)));
        writer.WriteDigest(change.Digest, format.DigestLength);
        if (shape.HasFlag(RecordShape.Written) && !shape.HasFlag(RecordShape.Whole))
        {
            writer.WriteBytes(change.WrittenPages!.Bits);
        }

        if (shape.HasFlag(RecordShape.Zeroed))
        {
            writer.WriteBytes(change.ZeroedPages!.Bits);
        }

        if (shape.HasFlag(RecordShape.Copies))
        {
            writer.WriteVarint((ulong)change.Copies.Count);
            foreach (var copy in change.Copies)
            {
                writer.WriteVarint((ulong)copy.FirstPage);
                writer.WriteVarint((ulong)copy.PageCount);
                writer.WriteVarint(ZigZag(DistanceOf(copy, change.FirstBlock, format.Layout)));
            }
        }

        if (change.Codec != CodecId.Raw)
        {
            writer.WriteVarint((ulong)change.Stored.Length);
        }

        writer.WriteBytes(change.Stored.Span);
    }

    /// <summary>Reads a record that begins at <paramref name="nextBlock"/> or behind.</summary>
    /// <exception cref="InvalidDataException">It leaves the device or the block, names a page twice, has no op, or has another coding than <see cref="Write"/> gives it.</exception>
    public static DeltaRecord Read(ref MessageReader reader, long nextBlock)
    {
        var lastBlock = reader.Format.Layout.BlockCount - 1;
        if (nextBlock > lastBlock)
        {
            throw new InvalidDataException($"a record behind block {lastBlock}, the device's last");
        }

        var block = nextBlock + reader.Bytes.ReadVarint(lastBlock - nextBlock);
        var bits = reader.Bytes.ReadByte();
        var shape = (RecordShape)(bits & AllShapes);
        if (bits == (byte)RecordShape.ZeroRun)
        {
            var longest = ProtocolLimits.ZeroRunBytes / reader.Format.Layout.BlockSizeBytes;
            return new ZeroRun(block, 1 + reader.Bytes.ReadVarint(Math.Min(lastBlock - block, longest - 1)));
        }

        var codec = (CodecId)((bits >> CodecShift) & CodecMask);
        var isWritten = shape.HasFlag(RecordShape.Written);
        if (
            shape.HasFlag(RecordShape.ZeroRun)
            || (shape & (RecordShape.Written | RecordShape.Zeroed | RecordShape.Copies)) == RecordShape.None
            || (!isWritten && (codec != CodecId.Raw || shape.HasFlag(RecordShape.Whole)))
            || (shape.HasFlag(RecordShape.Patch) && codec != CodecId.Lz4)
            || codec > CodecId.Zstd
        )
        {
            throw new InvalidDataException($"block {block} has the shape {bits:x2}");
        }

        return ReadChange(ref reader, block, shape, codec);
    }

    private static BlockChange ReadChange(
        ref MessageReader reader,
        long block,
        RecordShape shape,
        CodecId codec
    )
    {
        var layout = reader.Format.Layout;
        var pageCount = layout.PageCountOf(block);
        var digest = reader.ReadDigest();
        PageBitmap? written = null;
        if (shape.HasFlag(RecordShape.Whole))
        {
            written = PageBitmap.All(pageCount);
        }
        else if (shape.HasFlag(RecordShape.Written))
        {
            written = ReadBitmap(ref reader, block, pageCount);
            if (written.Count == pageCount)
            {
                throw new InvalidDataException($"block {block} is whole, and its bitmap says so again");
            }
        }

        var zeroed = shape.HasFlag(RecordShape.Zeroed) ? ReadBitmap(ref reader, block, pageCount) : null;
        if (written is not null && zeroed is not null && written.Overlaps(zeroed))
        {
            throw new InvalidDataException($"block {block} writes and zeroes the same page");
        }

        var copies = shape.HasFlag(RecordShape.Copies) ? ReadCopies(ref reader, block, written, zeroed) : [];
        var stored = ReadOnlyMemory<byte>.Empty;
        if (written is not null)
        {
            var literalLength = BlockChange.LengthOf(layout, block, written);
            stored = reader.ReadMemory(
                codec == CodecId.Raw ? literalLength : (int)reader.Bytes.ReadVarint(literalLength - 1)
            );
            if (stored.IsEmpty)
            {
                throw new InvalidDataException($"block {block} has no stored bytes");
            }
        }

        return new BlockChange(block, digest)
        {
            WrittenPages = written,
            Codec = codec,
            Stored = stored,
            IsPatch = shape.HasFlag(RecordShape.Patch),
            ZeroedPages = zeroed,
            Copies = copies,
        };
    }

    private static PageBitmap ReadBitmap(ref MessageReader reader, long block, int pageCount)
    {
        var pages = new PageBitmap(pageCount, reader.Bytes.ReadBytes(PageBitmap.LengthOf(pageCount)));
        return pages.IsEmpty ? throw new InvalidDataException($"block {block} has an empty bitmap") : pages;
    }

    private static CopyOp[] ReadCopies(
        ref MessageReader reader,
        long block,
        PageBitmap? written,
        PageBitmap? zeroed
    )
    {
        var layout = reader.Format.Layout;
        var blockPages = layout.PageCountOf(block);
        var count = (int)reader.Bytes.ReadVarint(blockPages);
        if (count == 0)
        {
            throw new InvalidDataException($"block {block} has an empty list of copies");
        }

        var copies = new CopyOp[count];
        var nextPage = 0;
        for (var i = 0; i < count; i++)
        {
            var firstPage = (int)reader.Bytes.ReadVarint(blockPages - 1);
            var pageCount = (int)reader.Bytes.ReadVarint(blockPages - firstPage);
            var distance = UnZigZag(reader.Bytes.ReadVarint());
            if (firstPage < nextPage || pageCount == 0)
            {
                throw new InvalidDataException($"block {block} copies {pageCount} pages to page {firstPage}");
            }

            // No overflow goes unseen: a page's offset is not negative, so a wrapped sum is.
            var offset = unchecked(PageOffset(block, firstPage, layout) + distance);
            var length = LengthOf(block, firstPage, pageCount, layout);
            if (offset < 0 || offset > layout.LengthBytes - length)
            {
                throw new InvalidDataException(
                    $"block {block} copies {length} bytes from {offset}, outside the device"
                );
            }

            for (nextPage = firstPage; nextPage < firstPage + pageCount; nextPage++)
            {
                if (written?.Contains(nextPage) == true || zeroed?.Contains(nextPage) == true)
                {
                    throw new InvalidDataException($"block {block} names page {nextPage} twice");
                }
            }

            copies[i] = new CopyOp(firstPage, pageCount, offset);
        }

        return copies;
    }

    private static RecordShape ShapeOf(BlockChange change)
    {
        var shape = RecordShape.None;
        if (change.WrittenPages is { IsEmpty: false } written)
        {
            shape |= RecordShape.Written;
            shape |= written.Count == written.PageCount ? RecordShape.Whole : RecordShape.None;
            shape |= change.IsPatch ? RecordShape.Patch : RecordShape.None;
        }

        shape |= change.ZeroedPages is { IsEmpty: false } ? RecordShape.Zeroed : RecordShape.None;
        return shape | (change.Copies.Count > 0 ? RecordShape.Copies : RecordShape.None);
    }

    private static long DistanceOf(CopyOp copy, long block, BlockLayout layout) =>
        copy.BaseOffsetBytes - PageOffset(block, copy.FirstPage, layout);

    private static long PageOffset(long block, int page, BlockLayout layout) =>
        layout.OffsetOf(block) + ((long)page * BlockLayout.PageSizeBytes);

    private static int LengthOf(long block, int firstPage, int pageCount, BlockLayout layout)
    {
        var last = firstPage + pageCount - 1;
        return ((pageCount - 1) * BlockLayout.PageSizeBytes) + layout.PageLengthOf(block, last);
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    private static int VarintLength(long value) => VarintLength((ulong)value);

    private static int VarintLength(ulong value) => (70 - BitOperations.LeadingZeroCount(value | 1)) / 7;
}
