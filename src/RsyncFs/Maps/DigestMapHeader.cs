using System.Security.Cryptography;
using RsyncFs.Blocks;
using RsyncFs.Devices;

namespace RsyncFs.Maps;

/// <summary>The seal of a digest map: whose signatures these are, and the write evidence of the device they were taken from.</summary>
/// <remarks>
/// 4096 bytes: magic 8, version u16, hash algorithm u8, digest length u8, block size u32, device length u64, seed id
/// u64, generation 16, root 32, evidence present u8, identity string, sectors i64, stamp string, zeros, SHA-256 of all
/// before (last 32 bytes).
/// </remarks>
/// <param name="Generation">The generation.</param>
/// <param name="Root">Its root digest.</param>
/// <param name="Evidence">The target's write evidence; null on the sender's side.</param>
public sealed record DigestMapHeader(Guid Generation, Digest Root, ChangeEvidence? Evidence)
{
    /// <summary>Bytes of the header.</summary>
    public const int LengthBytes = 4096;

    private const ushort Version = 1;
    private const int HashedLength = LengthBytes - SHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Magic => "RSFSMAP1"u8;

    /// <summary>The header as it is stored for a map of <paramref name="hasher"/>'s shape.</summary>
    public byte[] Encode(BlockHasher hasher)
    {
        var writer = new ByteWriter(LengthBytes);
        WriteShape(writer, hasher);
        writer.WriteGuid(Generation);
        writer.WriteDigest(Root, Digest.MaxLengthBytes);
        writer.WriteBoolean(Evidence is not null);
        if (Evidence is not null)
        {
            EvidenceFields.Write(writer, Evidence);
        }

        writer.Reserve(HashedLength - writer.Length).Clear();
        var hash = SHA256.HashData(writer.Written);
        writer.WriteBytes(hash);
        return writer.ToArray();
    }

    /// <summary>Reads a header; null if it is damaged, unsealed, or of a map of another shape.</summary>
    public static DigestMapHeader? TryDecode(ReadOnlySpan<byte> bytes, BlockHasher hasher)
    {
        if (!SHA256.HashData(bytes[..HashedLength]).AsSpan().SequenceEqual(bytes[HashedLength..LengthBytes]))
        {
            return null;
        }

        var shape = new ByteWriter();
        WriteShape(shape, hasher);
        if (!bytes[..shape.Length].SequenceEqual(shape.Written))
        {
            return null;
        }

        var reader = new ByteReader(bytes[shape.Length..HashedLength]);
        var generation = reader.ReadGuid();
        var root = reader.ReadDigest(Digest.MaxLengthBytes);
        try
        {
            var evidence = reader.ReadBoolean() ? EvidenceFields.Read(ref reader) : null;
            return new DigestMapHeader(generation, root, evidence);
        }
        catch (InvalidDataException)
        {
            // Its checksum fits, and it makes no sense: a defect wrote it.
            return null;
        }
    }

    private static void WriteShape(ByteWriter writer, BlockHasher hasher)
    {
        writer.WriteBytes(Magic);
        writer.WriteUInt16(Version);
        writer.WriteByte((byte)hasher.Hash.Algorithm);
        writer.WriteByte((byte)hasher.Hash.DigestLength);
        writer.WriteUInt32((uint)hasher.Layout.BlockSizeBytes);
        writer.WriteInt64(hasher.Layout.LengthBytes);
        writer.WriteUInt64(hasher.Hash.SeedId);
    }
}
