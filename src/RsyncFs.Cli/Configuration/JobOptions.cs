using RsyncFs.Blocks;
using RsyncFs.Cli.Arguments;
using RsyncFs.Linux.Lvm;

namespace RsyncFs.Cli.Configuration;

/// <summary>How a job is done. <see cref="JobSetting"/> has the words for all of it.</summary>
internal sealed record JobOptions
{
    /// <summary>From the begin of a cycle to the begin of the next.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>From the end of a cycle to the begin of the next, at least.</summary>
    public TimeSpan MinRest { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a destination may go on with the snapshot that it has, since the others went on without it.</summary>
    public TimeSpan LaggardLimit { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How far a destination may be behind before it counts as lagging; null if nothing is said.</summary>
    public TimeSpan? Rpo { get; init; }

    /// <summary>How long a destination that failed is left alone; each time twice as long.</summary>
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long at most.</summary>
    public TimeSpan RetryMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>As <see cref="ReplicationOptions.Plan"/>.</summary>
    public Plan? Plan { get; init; }

    /// <summary>As <see cref="ReplicationOptions.BlockSizeBytes"/>.</summary>
    public int? BlockSizeBytes { get; init; }

    /// <summary>As <see cref="ReplicationOptions.Hash"/>.</summary>
    public HashAlgorithmId? Hash { get; init; }

    /// <summary>As <see cref="ReplicationOptions.Match"/>.</summary>
    public MatchMode Match { get; init; } = MatchMode.Auto;

    /// <summary>As <see cref="ReplicationOptions.Compression"/>, to destinations that do not say otherwise.</summary>
    public Compression Compression { get; init; }

    /// <summary>As <see cref="ReplicationOptions.FullCompareEvery"/>.</summary>
    public TimeSpan? FullCompareEvery { get; init; } = TimeSpan.FromDays(7);

    /// <summary>As <see cref="ReplicationOptions.CheckpointBytes"/>.</summary>
    public long CheckpointBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>What is run at the points of a cycle, in the order of the file.</summary>
    public IReadOnlyList<Hook> Hooks { get; init; } = [];

    /// <summary>How the source is read.</summary>
    public SnapshotSettings Snapshot { get; init; } =
        new(SnapshotMode.Auto, CowSpace.Default, UsedOnly: false);
}
