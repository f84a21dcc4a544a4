using System.Globalization;
using RsyncFs.Blocks;

namespace RsyncFs.Cli.Arguments;

/// <summary>How people say what is compressed by: <c>auto</c>, <c>none</c>, <c>lz4</c>, or <c>zstd:3</c> with a level.</summary>
internal static class CompressionWord
{
    /// <summary>What may stand there, for help texts.</summary>
    public const string HelpName = "auto|none|lz4|zstd:LEVEL";

    private const string Zstd = "zstd:";

    private static readonly Choice<CompressionKind> Words = new(
        "--compression",
        ("auto", CompressionKind.Auto),
        ("none", CompressionKind.None),
        ("lz4", CompressionKind.Lz4),
        ("zstd:3", CompressionKind.Zstd)
    );

    private static readonly string Hint =
        $"zstd:{Compression.MinLevel}, the fastest, to zstd:{Compression.MaxLevel}, the densest; zstd:3 is a good middle";

    /// <summary>Reads a word.</summary>
    /// <exception cref="Errors.RsyncFsException">It is none, or has a level that there is not.</exception>
    public static Compression Parse(string text)
    {
        if (!text.StartsWith("zstd", StringComparison.Ordinal))
        {
            return new Compression(Words.Parse(text));
        }

        if (!text.StartsWith(Zstd, StringComparison.Ordinal))
        {
            throw UsageError.Of($"'{text}' has no level", Hint);
        }

        return
            int.TryParse(text[Zstd.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var level)
            && level is >= Compression.MinLevel and <= Compression.MaxLevel
            ? Compression.Zstd(level)
            : throw UsageError.Of($"'{text}' has a level that there is not", Hint);
    }
}
