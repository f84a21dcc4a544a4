using RsyncFs.Blocks;
using RsyncFs.Protocol;
using RsyncFs.Snapshots;

namespace RsyncFs;

/// <summary>What a person may choose for one cycle. Checked by whoever makes it, then trusted.</summary>
public sealed record ReplicationOptions
{
    /// <summary>The target's name at the receiver.</summary>
    public required string TargetName { get; init; }

    /// <summary>What to do: replicate, or only say what replicating would do.</summary>
    public Purpose Purpose { get; init; } = Purpose.Replicate;

    /// <summary>The plan to use, or null for the cheapest that is provably right.</summary>
    public Plan? Plan { get; init; }

    /// <summary>Where the source may have changed since a generation of the target, as an outside tracker says; null if none does.</summary>
    public ChangeList? Changes { get; init; }

    /// <summary>The block size of a new volume, or null for the default. A volume that has one keeps it.</summary>
    public int? BlockSizeBytes { get; init; }

    /// <summary>The strong hash of a new volume, or null for the default. A volume that has one keeps it.</summary>
    public HashAlgorithmId? Hash { get; init; }

    /// <summary>Where moved content is searched.</summary>
    public MatchMode Match { get; init; } = MatchMode.Auto;

    /// <summary>How literal bytes are compressed, where that pays.</summary>
    public Compression Compression { get; init; }

    /// <summary>How long the shortcuts may be believed before both ends are read and compared; null for ever.</summary>
    public TimeSpan? FullCompareEvery { get; init; } = TimeSpan.FromDays(7);

    /// <summary>After so many bytes of a delta it is made durable at the receiver, to be gone on from after a break.</summary>
    public long CheckpointBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Threads that read and hash.</summary>
    public int Parallelism { get; init; } = 2;
}
