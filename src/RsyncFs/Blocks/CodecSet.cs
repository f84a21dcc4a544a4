namespace RsyncFs.Blocks;

/// <summary>What a receiver decodes besides raw bytes: for each <see cref="CodecId"/> the bit of its number.</summary>
[Flags]
public enum CodecSet : byte
{
    /// <summary>Raw bytes alone.</summary>
    None = 0,

    /// <summary>LZ4, which every end has.</summary>
    Lz4 = 1 << CodecId.Lz4,

    /// <summary>zstd, where its library is installed.</summary>
    Zstd = 1 << CodecId.Zstd,
}
