namespace RsyncFs.Blocks;

/// <summary>What literal bytes are compressed by.</summary>
public enum CompressionKind
{
    /// <summary>What measuring finds to be best.</summary>
    Auto,

    /// <summary>Nothing: raw bytes, and no patches.</summary>
    None,

    /// <summary>LZ4.</summary>
    Lz4,

    /// <summary>zstd, at a level.</summary>
    Zstd,
}
