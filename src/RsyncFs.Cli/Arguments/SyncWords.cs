using RsyncFs.Blocks;

namespace RsyncFs.Cli.Arguments;

/// <summary>The words by which a person says how a source is read and a delta made: the same on the command line and in a configuration.</summary>
internal static class SyncWords
{
    private const string Off = "off";
    private const long LeastCheckpointBytes = 1024 * 1024;

    /// <summary>How changes are found; null for the cheapest way that is provably right.</summary>
    public static Choice<Plan?> Plans { get; } =
        new(
            "--plan",
            ("auto", null),
            ("tracked", Plan.Tracked),
            ("digest", Plan.Digest),
            ("compare", Plan.Compare),
            ("full", Plan.Full)
        );

    /// <summary>The strong hash of a new volume.</summary>
    public static Choice<HashAlgorithmId?> Hashes { get; } =
        new("--hash", ("xxh128", HashAlgorithmId.XxHash128), ("sha256", HashAlgorithmId.Sha256));

    /// <summary>Where moved content is searched.</summary>
    public static Choice<MatchMode> Matches { get; } =
        new(
            "--match",
            ("auto", MatchMode.Auto),
            ("aligned", MatchMode.Aligned),
            ("rolling", MatchMode.Rolling)
        );

    /// <summary>Whether a snapshot of the source is taken.</summary>
    public static Choice<SnapshotMode> Snapshots { get; } =
        new("--snapshot", ("auto", SnapshotMode.Auto), ("none", SnapshotMode.None));

    /// <summary>The unit of comparison of a new volume, in bytes.</summary>
    /// <exception cref="Errors.RsyncFsException">No size, or not one that a block may have.</exception>
    public static int BlockSize(string text)
    {
        var size = ByteSize.Parse(text);
        return BlockLayout.IsValidBlockSize(size.Bytes)
            ? (int)size.Bytes
            : throw UsageError.Of(
                $"'{text}' is not a block size",
                "a power of two from 4KiB to 4MiB: 4KiB 8KiB 16KiB 32KiB 64KiB 128KiB 256KiB 512KiB 1MiB 2MiB 4MiB"
            );
    }

    /// <summary>After how many bytes of a delta it is made durable at the receiver.</summary>
    /// <exception cref="Errors.RsyncFsException">No size, or too little.</exception>
    public static long Checkpoint(string text)
    {
        var size = ByteSize.Parse(text);
        return size.Bytes >= LeastCheckpointBytes
            ? size.Bytes
            : throw UsageError.Of(
                $"--checkpoint-every {text} is too little",
                "each one waits for a flush of the receiver's disk; 1MiB is the least"
            );
    }

    /// <summary>How long digests may be believed before both devices are read and compared; null for ever.</summary>
    /// <exception cref="Errors.RsyncFsException">No length of time, or none at all.</exception>
    public static TimeSpan? FullCompare(string text)
    {
        if (string.Equals(text, Off, StringComparison.Ordinal))
        {
            return null;
        }

        var length = TimeLength.Parse(text);
        return length > TimeSpan.Zero
            ? length
            : throw UsageError.Of(
                "--full-compare-every is nothing",
                "'--plan compare' compares in every cycle"
            );
    }

    /// <summary>What <see cref="FullCompare"/> reads again.</summary>
    public static string FullCompareText(TimeSpan? length) =>
        length is { } some ? TimeLength.Print(some) : Off;
}
