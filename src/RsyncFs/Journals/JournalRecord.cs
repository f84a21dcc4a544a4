using System.Buffers.Binary;
using System.IO.Hashing;
using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.State;

namespace RsyncFs.Journals;

/// <summary>
/// One record of the journal: literal bytes and zeros only, resolved and proven before they came here (C1), so that
/// applying it any number of times ends the same.
/// </summary>
/// <remarks>
/// <code>
/// offset length field
///      0      1 type, u8: JournalRecordType
///      1      1 codec, u8
///      2      2 page count of the block, u16
///      4      4 stored length, u32
///      8      8 first block, i64          checkpoint: records of the delta so far; commit: blocks and zero runs
///     16      8 block count, i64          commit: bytes of the journal before this record
///     24     16 transaction
///     40     32 digest                    checkpoint: chain of the delta; commit: root
///     72      4 weak checksum, u32
///     76      4 zeros
///     80     16 link: the checksum of the record before; of the first, that of the journal's header
///     96     16 checksum: XXH128 of the whole record with this field zero
///    112        of a block: the bitmaps of written and of zeroed pages
///               the stored bytes
///               zeros up to a multiple of 512
/// </code>
/// The transaction is a random number of the receiver, so data that looks like a record is none; the link makes a
/// chain of the whole journal, so what an earlier journal left behind never continues this one.
/// </remarks>
/// <param name="Type">What it is.</param>
/// <param name="FirstBlock">The first block.</param>
/// <param name="BlockCount">1, or the blocks of a zero run.</param>
/// <param name="Signature">The block's new signature; undefined for a zero run.</param>
/// <param name="Written">The pages whose bytes are stored; null but for a block.</param>
/// <param name="Zeroed">The pages that become zeros; null but for a block.</param>
/// <param name="Codec">How the bytes are stored.</param>
/// <param name="Stored">The bytes.</param>
internal sealed record JournalRecord(
    JournalRecordType Type,
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
    public const int HeadLength = 112;

    /// <summary>Records begin at multiples of this: the smallest unit that a disk writes whole.</summary>
    public const int AlignmentBytes = 512;

    private const int NumberAt = 8;
    private const int LinkAt = 80;
    private const int ChecksumAt = 96;
    private const int ChecksumLength = 16;
    private const int TransactionAt = 24;
    private const int TransactionLength = 16;

    /// <summary>A run of zeros.</summary>
    public static JournalRecord OfZeros(long firstBlock, long blockCount) =>
        new(
            JournalRecordType.ZeroRun,
            firstBlock,
            blockCount,
            default,
            Written: null,
            Zeroed: null,
            CodecId.Raw,
            default
        );

    /// <summary>New content of a block.</summary>
    public static JournalRecord OfBlock(
        long block,
        Signature signature,
        PageBitmap written,
        PageBitmap zeroed,
        CodecId codec,
        ReadOnlyMemory<byte> stored
    ) => new(JournalRecordType.Block, block, BlockCount: 1, signature, written, zeroed, codec, stored);

    /// <summary>A mark in the delta: <paramref name="recordCount"/> of its records, with that chain, came before.</summary>
    public static JournalRecord OfCheckpoint(long recordCount, Digest chain) =>
        new(
            JournalRecordType.Checkpoint,
            recordCount,
            BlockCount: 0,
            new Signature(0, chain),
            Written: null,
            Zeroed: null,
            CodecId.Raw,
            default
        );

    /// <summary>The end: <paramref name="recordCount"/> blocks and runs in <paramref name="journalBytes"/> bytes, which make that root.</summary>
    public static JournalRecord OfCommit(long recordCount, long journalBytes, Digest root, bool isFuzzy) =>
        new(
            JournalRecordType.Commit,
            recordCount,
            journalBytes,
            new Signature(isFuzzy ? 1u : 0u, root),
            Written: null,
            Zeroed: null,
            CodecId.Raw,
            default
        );

    /// <summary>Appends the record to <paramref name="writer"/>, padded; gives its checksum, which the next one links to.</summary>
    public Digest Encode(ByteWriter writer, Guid transaction, Digest link)
    {
        var start = writer.Length;
        writer.WriteByte((byte)Type);
        writer.WriteByte((byte)Codec);
        writer.WriteUInt16((ushort)(Written?.PageCount ?? 0));
        writer.WriteUInt32((uint)Stored.Length);
        writer.WriteInt64(FirstBlock);
        writer.WriteInt64(BlockCount);
        writer.WriteGuid(transaction);
        writer.WriteDigest(Signature.Strong, Digest.MaxLengthBytes);
        writer.WriteUInt32(Signature.Weak);
        writer.WriteUInt32(0);
        writer.WriteDigest(link, ChecksumLength);
        writer.Reserve(ChecksumLength).Clear();
        if (Written is not null)
        {
            writer.WriteBytes(Written.Bits);
            writer.WriteBytes(Zeroed!.Bits);
        }

        writer.WriteBytes(Stored.Span);
        var checksum = ChecksumOf(writer.Written[start..]);
        var length = writer.Length - start;
        writer.Reserve(Padding(length)).Clear();
        checksum.Write(writer.Amend(start + ChecksumAt, ChecksumLength));
        return checksum;
    }

    /// <summary>Bytes that the record takes in a journal.</summary>
    public int PaddedLength()
    {
        var length = HeadLength + Stored.Length + (Written is null ? 0 : 2 * Written.Bits.Length);
        return length + Padding(length);
    }

    /// <summary>Reads the record at <paramref name="offsetBytes"/> of a journal, with what it links to and its checksum.</summary>
    /// <exception cref="StateException">There is none, it is damaged, or it is of another transaction.</exception>
    public static LinkedRecord Read(IDurableFile file, long offsetBytes, Guid transaction)
    {
        try
        {
            Span<byte> head = stackalloc byte[HeadLength];
            file.Read(offsetBytes, head);
            var bytes = new byte[LengthFrom(head, transaction)];
            file.Read(offsetBytes, bytes);
            return Decode(bytes);
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

    /// <summary>Reads the head of the record at <paramref name="offsetBytes"/>; null if there is no whole record of the transaction. What it stores is not checked.</summary>
    /// <exception cref="StateException">The file could not be read.</exception>
    public static JournalHead? TryReadHead(IDurableFile file, long offsetBytes, Guid transaction)
    {
        if (offsetBytes + HeadLength > file.LengthBytes)
        {
            return null;
        }

        Span<byte> head = stackalloc byte[HeadLength];
        file.Read(offsetBytes, head);
        try
        {
            var length = LengthFrom(head, transaction);
            length += Padding(length);
            return offsetBytes + length > file.LengthBytes
                ? null
                : new JournalHead(
                    (JournalRecordType)head[0],
                    BinaryPrimitives.ReadInt64LittleEndian(head[NumberAt..]),
                    length,
                    Digest.Read(head.Slice(LinkAt, ChecksumLength)),
                    Digest.Read(head.Slice(ChecksumAt, ChecksumLength))
                );
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static int LengthFrom(ReadOnlySpan<byte> head, Guid transaction)
    {
        // First of all: what is not of this journal is not even looked at for its length.
        if (new Guid(head.Slice(TransactionAt, TransactionLength), bigEndian: true) != transaction)
        {
            throw new InvalidDataException("it is of another transaction");
        }

        var pages = BinaryPrimitives.ReadUInt16LittleEndian(head[2..]);
        var stored = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        return stored <= BlockLayout.MaxBlockSizeBytes
            ? HeadLength + (2 * PageBitmap.LengthOf(pages)) + (int)stored
            : throw new InvalidDataException($"stored length {stored} is over that of a block");
    }

    private static LinkedRecord Decode(byte[] bytes)
    {
        var checksum = Digest.Read(bytes.AsSpan(ChecksumAt, ChecksumLength));
        bytes.AsSpan(ChecksumAt, ChecksumLength).Clear();
        if (ChecksumOf(bytes) != checksum)
        {
            throw new InvalidDataException("its checksum does not fit");
        }

        var reader = new ByteReader(bytes);
        var type = (JournalRecordType)reader.ReadByte();
        var codec = (CodecId)reader.ReadByte();
        var pageCount = reader.ReadUInt16();
        var storedLength = (int)reader.ReadUInt32();
        var firstBlock = reader.ReadInt64();
        var blockCount = reader.ReadInt64();
        reader.ReadGuid();
        var digest = reader.ReadDigest(Digest.MaxLengthBytes);
        var weak = reader.ReadUInt32();
        reader.ReadUInt32();
        var link = reader.ReadDigest(ChecksumLength);
        reader.ReadDigest(ChecksumLength);
        if (!Enum.IsDefined(type))
        {
            throw new InvalidDataException($"type {(byte)type} is not known");
        }

        var isBlock = type == JournalRecordType.Block;
        if (!isBlock && (pageCount != 0 || storedLength != 0))
        {
            throw new InvalidDataException($"{type} with {pageCount} pages and {storedLength} stored bytes");
        }

        var bitmapLength = PageBitmap.LengthOf(pageCount);
        var written = isBlock ? new PageBitmap(pageCount, reader.ReadBytes(bitmapLength)) : null;
        var zeroed = isBlock ? new PageBitmap(pageCount, reader.ReadBytes(bitmapLength)) : null;
        var stored = bytes.AsMemory(reader.Position, storedLength);
        var record = new JournalRecord(
            type,
            firstBlock,
            blockCount,
            new Signature(weak, digest),
            written,
            zeroed,
            codec,
            stored
        );
        return new LinkedRecord(record, link, checksum);
    }

    private static Digest ChecksumOf(ReadOnlySpan<byte> record)
    {
        Span<byte> checksum = stackalloc byte[ChecksumLength];
        XxHash128.Hash(record, checksum);
        return Digest.Read(checksum);
    }

    private static int Padding(int length) => (AlignmentBytes - (length % AlignmentBytes)) % AlignmentBytes;
}
