using System.Buffers.Binary;
using System.Security.Cryptography;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Fuzz.Sessions;
using RsyncFs.Journals;

namespace RsyncFs.Fuzz.Targets;

/// <summary>The file of a journal.</summary>
internal sealed class JournalTarget : FuzzTarget
{
    private const int TransactionAt = 10;
    private const int HashAt = JournalHeader.HeaderBytes - SHA256.HashSizeInBytes;
    private const long Limit = 1024 * 1024;

    /// <inheritdoc/>
    public override string Name => "journal";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Covers => ["RsyncFs.Journals."];

    /// <inheritdoc/>
    public override int MaxLength => 16 * 1024;

    /// <inheritdoc/>
    public override long MaxAllocatedBytes => 32 * 1024 * 1024;

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Words => ["RSFSJNL1"u8.ToArray()];

    /// <inheritdoc/>
    protected override bool IsDocumented(Exception failure) => failure is StateException;

    /// <inheritdoc/>
    public override IEnumerable<byte[]> Seeds()
    {
        yield return Make(_ => { });
        yield return Make(journal => journal.Append(JournalRecord.OfZeros(3, 5)));
        yield return Make(journal =>
        {
            journal.Append(Block(1));
            journal.Mark(1, new Digest(1, 2));
            journal.Append(JournalRecord.OfZeros(2, 9));
            journal.Mark(2, new Digest(3, 4));
            journal.Append(Block(7));
        });
        yield return Make(journal =>
        {
            journal.Append(Block(1));
            journal.Append(Block(2));
            journal.Commit(new GenerationEnd(new Digest(5, 6), IsFuzzy: true));
        });
    }

    /// <inheritdoc/>
    public override byte[] Fix(byte[] input)
    {
        if (input.Length < JournalHeader.HeaderBytes)
        {
            return input;
        }

        SHA256.HashData(input.AsSpan(0, HashAt), input.AsSpan(HashAt, SHA256.HashSizeInBytes));
        var link = input.AsSpan(HashAt, JournalHeader.LinkLength);
        for (var at = JournalHeader.HeaderBytes; at + JournalRecord.HeadLength <= input.Length; )
        {
            var record = input.AsSpan(at);
            var pages = BinaryPrimitives.ReadUInt16LittleEndian(record[2..]);
            var fixedLength = JournalRecord.HeadLength + (2 * PageBitmap.LengthOf(pages));
            var room = record.Length - fixedLength;
            if (room < 0)
            {
                break;
            }

            var stored = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(record[4..]), (uint)room);
            BinaryPrimitives.WriteUInt32LittleEndian(record[4..], (uint)stored);
            record = record[..(fixedLength + stored)];
            input.AsSpan(TransactionAt, 16).CopyTo(record[24..]);
            link.CopyTo(record[80..]);
            record.Slice(96, 16).Clear();
            Digest.Read(XxHash128(record)).Write(record.Slice(96, 16));
            link = record.Slice(96, 16);
            at += (record.Length + JournalRecord.AlignmentBytes - 1) & -JournalRecord.AlignmentBytes;
        }

        return input;
    }

    /// <inheritdoc/>
    public override void Read(byte[] input)
    {
        var directory = MemoryDirectory.Of(Journal.FileName, input);
        using var journal = Journal.TryOpen(directory, Limit);
        if (journal is null)
        {
            return;
        }

        var head = journal.Header.Encode();
        Require(
            JournalHeader.TryDecode(head)?.Encode().AsSpan().SequenceEqual(head) == true,
            "another header"
        );
        foreach (var staged in journal.Staged)
        {
            CheckRecord(journal.Read(staged), journal.Header.Transaction);
            _ = JournalRecord.TryReadHead(
                directory.Open(Journal.FileName),
                staged.OffsetBytes,
                journal.Header.Transaction
            );
        }

        if (journal.CommitRecord is null)
        {
            GoOn(directory, journal);
        }

        _ = journal.InBlockOrder();
    }

    /// <summary>A journal that is not whole is gone on with as after a crash; what was added is there when it is opened again.</summary>
    private static void GoOn(MemoryDirectory directory, Journal journal)
    {
        if (journal.Marks.Count > 0)
        {
            journal.GoBackTo(journal.Marks[0]);
        }

        journal.Append(JournalRecord.OfZeros(11, 13));
        var pending = journal.Commit(new GenerationEnd(new Digest(7, 8), IsFuzzy: false));
        using var again = Journal.TryOpen(directory, Limit);
        Require(
            again?.CommitRecord is not null
                && again.RecordCount == journal.RecordCount
                && again.Pending() == pending,
            "what was committed is not there"
        );
    }

    private static void CheckRecord(JournalRecord record, Guid transaction)
    {
        var once = Encode(record, transaction);
        using var file = MemoryFile.Of("record", once);
        var again = JournalRecord.Read(file, 0, transaction).Record;
        Require(
            Encode(again, transaction).AsSpan().SequenceEqual(once),
            $"another {record.Type} is read again"
        );
    }

    private static byte[] Encode(JournalRecord record, Guid transaction)
    {
        var writer = new ByteWriter();
        record.Encode(writer, transaction, default);
        return writer.ToArray();
    }

    private static byte[] Make(Action<Journal> fill)
    {
        var directory = new MemoryDirectory();
        var volume = new Volume(Id(1), new StrongHash(HashAlgorithmId.XxHash128, 5), 65536);
        var header = new JournalHeader(
            Id(2),
            volume,
            1_000_000,
            Id(3),
            Id(4),
            DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch,
            new ChangeEvidence("device", 7, "")
        );
        using var journal = Journal.Create(directory, header, Limit);
        fill(journal);
        journal.Drain();
        return directory.ContentOf(Journal.FileName)[..(int)journal.LengthBytes];
    }

    private static JournalRecord Block(long block)
    {
        var (written, zeroed) = (new PageBitmap(16), new PageBitmap(16));
        written.Add(3);
        zeroed.Add(4);
        var signature = new Signature(9, new Digest(10, 11));
        return JournalRecord.OfBlock(block, signature, written, zeroed, CodecId.Lz4, "stored"u8.ToArray());
    }

    private static Guid Id(byte number) => new(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    private static byte[] XxHash128(ReadOnlySpan<byte> bytes)
    {
        var hash = new byte[16];
        System.IO.Hashing.XxHash128.Hash(bytes, hash);
        return hash;
    }
}
