using RsyncFs.Blocks;

namespace RsyncFs.Protocol;

/// <summary>
/// A volume inside a message.
/// <code>
/// length field
///     16 id, not zero
///      1 hash, u8: 1 XXH128, 2 SHA-256
///      8 seed, u64
///      4 block size in bytes, u32: a power of two from 4 KiB to 4 MiB
/// </code>
/// </summary>
internal static class VolumeFields
{
    public static void Write(ByteWriter writer, Volume volume)
    {
        writer.WriteGuid(volume.Id);
        writer.WriteByte((byte)volume.Hash.Algorithm);
        writer.WriteUInt64(volume.Hash.Seed);
        writer.WriteUInt32((uint)volume.BlockSizeBytes);
    }

    public static Volume Read(ref MessageReader reader)
    {
        var id = reader.Bytes.ReadGuid();
        var algorithm = reader.ReadEnum<HashAlgorithmId>();
        var seed = reader.Bytes.ReadUInt64();
        var blockSizeBytes = reader.Bytes.ReadUInt32();
        if (id == Guid.Empty || !BlockLayout.IsValidBlockSize(blockSizeBytes))
        {
            throw new InvalidDataException($"volume {id} with blocks of {blockSizeBytes} bytes");
        }

        return new Volume(id, new StrongHash(algorithm, seed), (int)blockSizeBytes);
    }
}
