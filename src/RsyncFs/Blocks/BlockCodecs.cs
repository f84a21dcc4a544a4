using System.Collections.Concurrent;

namespace RsyncFs.Blocks;

/// <summary>The codecs that a machine has. Each is made once, and its native memory is used again by whoever comes next.</summary>
/// <param name="lz4">LZ4, which every machine has: for patches, and for what a receiver compresses itself.</param>
/// <param name="zstd">Makes zstd at a level from 1 to 19; null where its library is not installed.</param>
public sealed class BlockCodecs(IBlockCodec lz4, Func<int, IBlockCodec>? zstd = null)
{
    private readonly ConcurrentDictionary<int, IBlockCodec> _levels = new();

    /// <summary>LZ4.</summary>
    public IBlockCodec Lz4 => lz4;

    /// <summary>What this machine decodes.</summary>
    public CodecSet Set => zstd is null ? CodecSet.Lz4 : CodecSet.Lz4 | CodecSet.Zstd;

    /// <summary>What decodes <paramref name="id"/>; null if this machine has nothing that does.</summary>
    public IBlockCodec? Find(CodecId id) =>
        id == lz4.Id ? lz4
        // What decodes does not depend on the level.
        : id == CodecId.Zstd && zstd is not null ? For(Compression.Zstd(Compression.MinLevel))
        : null;

    /// <summary>What encodes by <paramref name="compression"/>, which is no choice left open; null for raw bytes.</summary>
    /// <exception cref="InvalidOperationException">This machine has no zstd.</exception>
    public IBlockCodec? For(Compression compression) =>
        compression.Kind switch
        {
            CompressionKind.None => null,
            CompressionKind.Lz4 => lz4,
            CompressionKind.Zstd when zstd is not null => _levels.GetOrAdd(compression.Level, zstd),
            _ => throw new InvalidOperationException($"no codec is {compression}"),
        };
}
