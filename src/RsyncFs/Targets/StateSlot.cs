using System.Security.Cryptography;
using RsyncFs.Blocks;
using RsyncFs.Journals;

namespace RsyncFs.Targets;

/// <summary>One slot of the state file: exactly one sector, so that a write of it happens or does not.</summary>
/// <remarks>
/// <code>
/// offset length field
///      0      8 magic "RSFSTGT2"
///      8      2 version, u16: 1
///     10      1 status, u8: TargetStatus
///     11      1 flags, u8: 1 fuzzy
///     12      8 sequence, u64: grows by one with each write, and is never used again, not even after a write that failed
///     20      8 nonce, u64: random in each write
///     28      8 epoch, u64: not zero, below 2^63; so is the next
///     36      8 highest epoch, u64
///     44     29 volume: see VolumeFields; zeros if it is not known yet
///     73      8 bytes of the device, i64
///     81     16 device key
///     97     16 generation
///    113    192 ancestors, 12 times 16, newest first; zeros behind the last
///    305     32 root
///    337      8 data time, i64: Unix milliseconds
///    345      8 changed at, i64: Unix milliseconds
///    353     16 pending generation; zero if there is none
///    369     16 transaction
///    385      8 journal bytes, i64
///    393     16 journal chain
///    409      8 overflow limit in bytes, i64
///    417      8 replica epoch, u64
///    425     55 zeros
///    480     32 SHA-256 of all before
/// </code>
/// </remarks>
internal static class StateSlot
{
    /// <summary>Bytes of a slot.</summary>
    public const int LengthBytes = 512;

    private const ushort Version = 1;
    private const byte Fuzzy = 1;
    private const int HashedLength = LengthBytes - SHA256.HashSizeInBytes;
    private const int VolumeLength = 29;

    private static ReadOnlySpan<byte> Magic => "RSFSTGT2"u8;

    /// <summary>The slot as it is written.</summary>
    public static byte[] Encode(TargetRecord record, ulong sequence, ulong nonce)
    {
        var writer = new ByteWriter(LengthBytes);
        writer.WriteBytes(Magic);
        writer.WriteUInt16(Version);
        writer.WriteByte((byte)record.Status);
        writer.WriteByte(record.IsFuzzy ? Fuzzy : (byte)0);
        writer.WriteUInt64(sequence);
        writer.WriteUInt64(nonce);
        writer.WriteUInt64(record.Epoch);
        writer.WriteUInt64(record.HighestEpoch);
        WriteVolume(writer, record.Volume);
        writer.WriteInt64(record.LengthBytes);
        writer.WriteGuid(record.DeviceKey);
        writer.WriteGuid(record.Generation);
        for (var i = 0; i < SourceLineage.MaxAncestorCount; i++)
        {
            writer.WriteGuid(i < record.Ancestors.Count ? record.Ancestors[i] : Guid.Empty);
        }

        writer.WriteDigest(record.Root, Digest.MaxLengthBytes);
        writer.WriteTime(record.DataTime);
        writer.WriteTime(record.ChangedAt);
        writer.WriteGuid(record.Pending?.Id ?? Guid.Empty);
        writer.WriteGuid(record.Pending?.Transaction ?? Guid.Empty);
        writer.WriteInt64(record.Pending?.JournalBytes ?? 0);
        writer.WriteDigest(record.Pending?.JournalChain ?? default, JournalHeader.LinkLength);
        writer.WriteInt64(record.OverflowLimitBytes);
        writer.WriteUInt64(record.ReplicaEpoch);
        writer.Reserve(HashedLength - writer.Length).Clear();
        var hash = SHA256.HashData(writer.Written);
        writer.WriteBytes(hash);
        return writer.ToArray();
    }

    /// <summary>Reads a slot; null if it is damaged, was never written, or is of another kind.</summary>
    /// <exception cref="InvalidDataException">It is whole, and was written by a newer version or by a defect.</exception>
    public static (TargetRecord Record, ulong Sequence)? TryDecode(ReadOnlySpan<byte> slot)
    {
        var hashed = slot[..HashedLength];
        if (!SHA256.HashData(hashed).AsSpan().SequenceEqual(slot[HashedLength..LengthBytes]))
        {
            return null;
        }

        var reader = new ByteReader(hashed);
        if (!reader.ReadBytes(Magic.Length).SequenceEqual(Magic))
        {
            return null;
        }

        var version = reader.ReadUInt16();
        var status = (TargetStatus)reader.ReadByte();
        var flags = reader.ReadByte();
        if (version != Version || !Enum.IsDefined(status) || status == TargetStatus.Empty || flags > Fuzzy)
        {
            throw new InvalidDataException(
                $"version {version}, status {(byte)status}, flags {flags}; known is version {Version}"
            );
        }

        var sequence = reader.ReadUInt64();
        reader.ReadUInt64();
        return (ReadRecord(ref reader, status, flags == Fuzzy), sequence);
    }

    private static TargetRecord ReadRecord(ref ByteReader reader, TargetStatus status, bool isFuzzy)
    {
        var record = new TargetRecord
        {
            Status = status,
            IsFuzzy = isFuzzy,
            Epoch = SourceLineage.ReadEpoch(ref reader),
            HighestEpoch = SourceLineage.ReadEpoch(ref reader),
            Volume = ReadVolume(ref reader),
            LengthBytes = reader.ReadCount(),
            DeviceKey = reader.ReadGuid(),
            Generation = reader.ReadGuid(),
            Ancestors = ReadAncestors(ref reader),
            Root = reader.ReadDigest(Digest.MaxLengthBytes),
            DataTime = reader.ReadTime(),
            ChangedAt = reader.ReadTime(),
            Pending = ReadPending(ref reader),
            OverflowLimitBytes = reader.ReadCount(),
            ReplicaEpoch = (ulong)reader.ReadCount(),
        };
        return reader.ReadBytes(reader.Remaining).ContainsAnyExcept((byte)0)
            ? throw new InvalidDataException("there is something behind its last field")
            : record;
    }

    private static void WriteVolume(ByteWriter writer, Volume? volume)
    {
        if (volume is null)
        {
            writer.Reserve(VolumeLength).Clear();
            return;
        }

        VolumeFields.Write(writer, volume);
    }

    private static Volume? ReadVolume(ref ByteReader reader)
    {
        var bytes = reader.ReadBytes(VolumeLength);
        if (!bytes.ContainsAnyExcept((byte)0))
        {
            return null;
        }

        var fields = new ByteReader(bytes);
        return VolumeFields.Read(ref fields);
    }

    private static List<Guid> ReadAncestors(ref ByteReader reader)
    {
        var ancestors = new List<Guid>();
        for (var i = 0; i < SourceLineage.MaxAncestorCount; i++)
        {
            var ancestor = reader.ReadGuid();
            if (ancestor == Guid.Empty)
            {
                continue;
            }

            if (ancestors.Count < i)
            {
                throw new InvalidDataException("there is a gap among its ancestors");
            }

            ancestors.Add(ancestor);
        }

        return ancestors;
    }

    private static PendingGeneration? ReadPending(ref ByteReader reader)
    {
        var id = reader.ReadGuid();
        var transaction = reader.ReadGuid();
        var journalBytes = reader.ReadCount();
        var chain = reader.ReadDigest(JournalHeader.LinkLength);
        if (id != Guid.Empty)
        {
            return new PendingGeneration(id, transaction, journalBytes, chain);
        }

        return transaction == Guid.Empty && journalBytes == 0 && chain == default
            ? null
            : throw new InvalidDataException("there is a journal of no generation");
    }
}
