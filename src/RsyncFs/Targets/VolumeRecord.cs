using RsyncFs.Blocks;

namespace RsyncFs.Targets;

/// <summary>A volume as it stands in state files: id 16, hash algorithm u8, seed u64, block size u32.</summary>
internal static class VolumeRecord
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
    /// <exception cref="InvalidDataException">It names an algorithm or a block size that does not exist.</exception>
    public static Volume Read(ref ByteReader reader)
    {
        var id = reader.ReadGuid();
        var algorithm = (HashAlgorithmId)reader.ReadByte();
        if (algorithm is not (HashAlgorithmId.XxHash128 or HashAlgorithmId.Sha256))
        {
            throw new InvalidDataException($"unknown hash algorithm {(byte)algorithm}");
        }

        var seed = reader.ReadUInt64();
        var blockSize = reader.ReadUInt32();
        return BlockLayout.IsValidBlockSize(blockSize)
            ? new Volume(id, new StrongHash(algorithm, seed), (int)blockSize)
            : throw new InvalidDataException($"block size {blockSize} is none");
    }
}
