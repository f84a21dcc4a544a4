using System.Buffers.Binary;
using System.IO.Hashing;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Targets;

/// <summary>
/// One record of the journal: literal bytes and zeros only, resolved and proven before they came here (C1), so that
/// applying it any number of times ends the same.
/// </summary>
/// <remarks>
/// Head (88 bytes): type u8 (1 block, 2 zero run), codec u8, reserved u16, stored length u32, first block i64, block
/// count i64, transaction 16, weak checksum u32, page count u16, reserved u16, digest 32, checksum u64 (XXH3-64 of the
/// whole record with this field zero). Then, for a block: the bitmaps of written and of zeroed pages, and the stored
/// bytes. Zeros up to a multiple of 512.
/// </remarks>
/// <param name="FirstBlock">The first block.</param>
/// <param name="BlockCount">1, or the blocks of a zero run.</param>
/// <param name="Signature">The block's new signature; undefined for a zero run.</param>
/// <param name="Written">The pages whose bytes are stored; null for a zero run.</param>
/// <param name="Zeroed">The pages that become zeros; null for a zero run.</param>
/// <param name="Codec">How the bytes are stored.</param>
/// <param name="Stored">The bytes.</param>
internal sealed record JournalRecord(
    long FirstBlock,
    long BlockCount,
    Signature Signature,
    PageBitmap? Written,
    PageBitmap? Zeroed,
    CodecId Codec,
    ReadOnlyMemory<byte> Stored
)
{
    /// <summary>Bytes of a record's head.</summary>
    public const int HeadLength = 88;

    /// <summary>Records begin at multiples of this.</summary>
    public const int AlignmentBytes = 512;

    private const byte BlockType = 1;
    private const byte ZeroRunType = 2;
    private const int ChecksumAt = HeadLength - sizeof(ulong);

    /// <summary>Appends the record to <paramref name="writer"/>, padded.</summary>
    public void Encode(ByteWriter writer, Guid transaction)
    {
        var start = writer.Length;
        writer.WriteByte(Written is null ? ZeroRunType : BlockType);
        writer.WriteByte((byte)Codec);
        writer.WriteUInt16(0);
        writer.WriteUInt32((uint)Stored.Length);
        writer.WriteInt64(FirstBlock);
        writer.WriteInt64(BlockCount);
        writer.WriteGuid(transaction);
        writer.WriteUInt32(Signature.Weak);
        writer.WriteUInt16((ushort)(Written?.PageCount ?? 0));
        writer.WriteUInt16(0);
        writer.WriteDigest(Signature.Strong, Digest.MaxLengthBytes);
        writer.WriteUInt64(0);
        if (Written is not null)
        {
            writer.WriteBytes(Written.Bits);
            writer.WriteBytes(Zeroed!.Bits);
        }

        writer.WriteBytes(Stored.Span);
        var checksum = XxHash3.HashToUInt64(writer.Written[start..]);
        var length = writer.Length - start;
        writer.Reserve(Padding(length)).Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(writer.Amend(start + ChecksumAt, sizeof(ulong)), checksum);
    }

    /// <summary>Reads the record at <paramref name="offsetBytes"/> of a journal.</summary>
    /// <exception cref="StateException">There is none, it is damaged, or it is of another transaction.</exception>
    public static JournalRecord Read(IDurableFile file, long offsetBytes, Guid transaction)
    {
        try
        {
            Span<byte> head = stackalloc byte[HeadLength];
            file.Read(offsetBytes, head);
            var bytes = new byte[LengthFrom(head)];
            file.Read(offsetBytes, bytes);
            return Decode(bytes, transaction);
        }
        catch (InvalidDataException error)
        {
            throw new StateException(ErrorId.StateDamaged, "a journal record is damaged", error)
            {
                Where = $"{file.Name} at offset {offsetBytes}",
                Cause = error.Message,
                Hint =
                    "run again; if it comes again, test the memory and the disk that holds the state directory",
            };
        }
    }

    private static int LengthFrom(ReadOnlySpan<byte> head)
    {
        var stored = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        var pages = BinaryPrimitives.ReadUInt16LittleEndian(head[44..]);
        return stored <= BlockLayout.MaxBlockSizeBytes
            ? HeadLength + (2 * PageBitmap.LengthOf(pages)) + (int)stored
            : throw new InvalidDataException($"stored length {stored} is over that of a block");
    }

    private static JournalRecord Decode(byte[] bytes, Guid transaction)
    {
        var checksum = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(ChecksumAt));
        bytes.AsSpan(ChecksumAt, sizeof(ulong)).Clear();
        if (XxHash3.HashToUInt64(bytes) != checksum)
        {
            throw new InvalidDataException("its checksum does not fit");
        }

        var reader = new ByteReader(bytes);
        var type = reader.ReadByte();
        var codec = (CodecId)reader.ReadByte();
        reader.ReadUInt16();
        var storedLength = (int)reader.ReadUInt32();
        var firstBlock = reader.ReadInt64();
        var blockCount = reader.ReadInt64();
        if (reader.ReadGuid() != transaction)
        {
            throw new InvalidDataException("it is of another transaction");
        }

        var weak = reader.ReadUInt32();
        var pageCount = reader.ReadUInt16();
        reader.ReadUInt16();
        var digest = reader.ReadDigest(Digest.MaxLengthBytes);
        reader.ReadUInt64();
        var bitmapLength = PageBitmap.LengthOf(pageCount);
        var isRun = type == ZeroRunType;
        var written = isRun ? null : new PageBitmap(pageCount, reader.ReadBytes(bitmapLength));
        var zeroed = isRun ? null : new PageBitmap(pageCount, reader.ReadBytes(bitmapLength));
        var stored = bytes.AsMemory(reader.Position, storedLength);
        return new JournalRecord(
            firstBlock,
            blockCount,
            new Signature(weak, digest),
            written,
            zeroed,
            codec,
            stored
        );
    }

    private static int Padding(int length) => (AlignmentBytes - (length % AlignmentBytes)) % AlignmentBytes;
}
