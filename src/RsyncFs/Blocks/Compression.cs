using System.Globalization;

namespace RsyncFs.Blocks;

/// <summary>How literal bytes are compressed on their way to a destination; where that does not pay they go as they are.</summary>
/// <param name="Kind">By what.</param>
/// <param name="Level">zstd: from <see cref="MinLevel"/>, the fastest, to <see cref="MaxLevel"/>; else 0.</param>
public readonly record struct Compression(CompressionKind Kind, int Level = 0)
{
    /// <summary>The fastest level of zstd.</summary>
    public const int MinLevel = 1;

    /// <summary>The densest that does not take memory by the hundred MiB (zstd.h: levels from 20 on "should be used with caution, as they require more memory").</summary>
    public const int MaxLevel = 19;

    /// <summary>What measuring finds to be best.</summary>
    public static Compression Auto => default;

    /// <summary>Nothing.</summary>
    public static Compression None => new(CompressionKind.None);

    /// <summary>LZ4.</summary>
    public static Compression Lz4 => new(CompressionKind.Lz4);

    /// <summary>zstd at <paramref name="level"/>.</summary>
    public static Compression Zstd(int level) => new(CompressionKind.Zstd, level);

    /// <summary>As people write it: <c>auto</c>, <c>none</c>, <c>lz4</c>, <c>zstd:3</c>.</summary>
    public override string ToString() =>
        Kind switch
        {
            CompressionKind.Auto => "auto",
            CompressionKind.None => "none",
            CompressionKind.Lz4 => "lz4",
            _ => string.Create(CultureInfo.InvariantCulture, $"zstd:{Level}"),
        };
}
