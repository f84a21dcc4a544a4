namespace RsyncFs.Blocks;

/// <summary>How literal bytes are stored in a delta and in a journal.</summary>
public enum CodecId : byte
{
    /// <summary>As they are.</summary>
    Raw = 0,

    /// <summary>One LZ4 block: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md.</summary>
    Lz4 = 1,

    /// <summary>One zstd frame (RFC 8878) that says how long its content is, and has no checksum and no dictionary.</summary>
    Zstd = 2,
}
