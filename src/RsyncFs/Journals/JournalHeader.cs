using System.Security.Cryptography;
using RsyncFs.Blocks;
using RsyncFs.Devices;

namespace RsyncFs.Journals;

/// <summary>The first page of a journal: from which generation to which it leads, and on which evidence.</summary>
/// <remarks>
/// 4096 bytes: magic 8, version u16, transaction 16, volume 29 (see <see cref="VolumeFields"/>), bytes of the device
/// i64, base generation 16, new generation 16, data time i64, begun at i64, evidence of the device when it began
/// (identity string, sectors i64, stamp string), zeros, SHA-256 of all before (last 32 bytes).
/// </remarks>
/// <param name="Transaction">A random number of the receiver; every record bears it.</param>
/// <param name="Volume">The volume.</param>
/// <param name="LengthBytes">Bytes of the device.</param>
/// <param name="Base">The generation that the records were proven against; zero where it is not known.</param>
/// <param name="Generation">The generation that they make.</param>
/// <param name="DataTime">When the source was as it is sent.</param>
/// <param name="BegunAt">When the journal was begun.</param>
/// <param name="Evidence">The device's write evidence then: until the commit it must stay so.</param>
internal sealed record JournalHeader(
    Guid Transaction,
    Volume Volume,
    long LengthBytes,
    Guid Base,
    Guid Generation,
    DateTimeOffset DataTime,
    DateTimeOffset BegunAt,
    ChangeEvidence Evidence
)
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderBytes = 4096;

    /// <summary>Bytes of a digest that links records, and of the chain over them.</summary>
    public const int LinkLength = 16;

    private const ushort Version = 1;
    private const int HashedLength = HeaderBytes - SHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Magic => "RSFSJNL1"u8;

    /// <summary>The header as it is written.</summary>
    public byte[] Encode()
    {
        var writer = new ByteWriter(HeaderBytes);
        writer.WriteBytes(Magic);
        writer.WriteUInt16(Version);
        writer.WriteGuid(Transaction);
        VolumeFields.Write(writer, Volume);
        writer.WriteInt64(LengthBytes);
        writer.WriteGuid(Base);
        writer.WriteGuid(Generation);
        writer.WriteTime(DataTime);
        writer.WriteTime(BegunAt);
        EvidenceFields.Write(writer, Evidence);
        writer.Reserve(HashedLength - writer.Length).Clear();
        var hash = SHA256.HashData(writer.Written);
        writer.WriteBytes(hash);
        return writer.ToArray();
    }

    /// <summary>What the first record links to.</summary>
    public static Digest LinkOf(ReadOnlySpan<byte> header) =>
        Digest.Read(header.Slice(HashedLength, LinkLength));

    /// <summary>Reads a header; null if it is damaged or of another version.</summary>
    public static JournalHeader? TryDecode(ReadOnlySpan<byte> bytes)
    {
        if (!SHA256.HashData(bytes[..HashedLength]).AsSpan().SequenceEqual(bytes[HashedLength..HeaderBytes]))
        {
            return null;
        }

        var reader = new ByteReader(bytes[..HashedLength]);
        if (!reader.ReadBytes(Magic.Length).SequenceEqual(Magic) || reader.ReadUInt16() != Version)
        {
            return null;
        }

        try
        {
            return new JournalHeader(
                reader.ReadGuid(),
                VolumeFields.Read(ref reader),
                reader.ReadInt64(),
                reader.ReadGuid(),
                reader.ReadGuid(),
                reader.ReadTime(),
                reader.ReadTime(),
                EvidenceFields.Read(ref reader)
            );
        }
        catch (InvalidDataException)
        {
            // Its checksum fits, and it makes no sense: a defect wrote it.
            return null;
        }
    }
}
