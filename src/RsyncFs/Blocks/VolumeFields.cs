namespace RsyncFs.Blocks;

/// <summary>A volume as it stands in messages and in state files.</summary>
/// <remarks>
/// <code>
/// length field
///     16 id, not zero
///      1 hash, u8: 1 XXH128, 2 SHA-256
///      8 seed, u64
///      4 block size in bytes, u32: a power of two from 4 KiB to 4 MiB
/// </code>
/// </remarks>
internal static class VolumeFields
{
    /// <summary>Appends <paramref name="volume"/>.</summary>
    public static void Write(ByteWriter writer, Volume volume)
    {
        writer.WriteGuid(volume.Id);
        writer.WriteByte((byte)volume.Hash.Algorithm);
        writer.WriteUInt64(volume.Hash.Seed);
        writer.WriteUInt32((uint)volume.BlockSizeBytes);
    }

    /// <summary>Reads one volume.</summary>
    /// <exception cref="InvalidDataException">Its id is zero, or it names a hash or a block size that does not exist.</exception>
    public static Volume Read(ref ByteReader reader)
    {
        var id = reader.ReadGuid();
        var algorithm = (HashAlgorithmId)reader.ReadByte();
        var seed = reader.ReadUInt64();
        var blockSizeBytes = reader.ReadUInt32();
        if (id == Guid.Empty || !Enum.IsDefined(algorithm) || !BlockLayout.IsValidBlockSize(blockSizeBytes))
        {
            throw new InvalidDataException(
                $"volume {id} with hash {(byte)algorithm} and blocks of {blockSizeBytes} bytes"
            );
        }

        return new Volume(id, new StrongHash(algorithm, seed), (int)blockSizeBytes);
    }
}
