using RsyncFs.Blocks;
using RsyncFs.Protocol;

namespace RsyncFs.Fuzz.Targets;

/// <summary>Formats of a session: none yet, that of the golden files, and the edges.</summary>
internal static class Formats
{
    private static readonly SessionFormat?[] All =
    [
        null,
        new(new BlockLayout(1_000_000, 65536), 16),
        new(new BlockLayout(1_000_000, 4096), 32),
        new(new BlockLayout(1, 4096), 16),
        new(new BlockLayout(1L << 44, BlockLayout.MaxBlockSizeBytes), 32),
        new(new BlockLayout(BlockLayout.MaxLengthBytes, BlockLayout.MaxBlockSizeBytes), 16),
    ];

    /// <summary>How many there are.</summary>
    public static int Count => All.Length;

    /// <summary>The one that <paramref name="number"/> stands for.</summary>
    public static SessionFormat? Of(byte number) => All[number % All.Length];
}
