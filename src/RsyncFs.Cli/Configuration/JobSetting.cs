using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Configuration;

/// <summary>One word of a job, or of <c>defaults</c>: how it is read, how it is printed, and what it means.</summary>
/// <param name="Key">The key; <c>snapshot.type</c> is <c>type</c> in <c>snapshot</c>.</param>
/// <param name="Form">What may stand there: <c>SIZE</c>, or words with bars between them.</param>
/// <param name="Meaning">One sentence.</param>
/// <param name="Read">The options with what the text says. Throws a usage error if it can not be read.</param>
/// <param name="Print">What the options say, as <paramref name="Read"/> reads it; null where nothing is said.</param>
internal sealed record JobSetting(
    string Key,
    string Form,
    string Meaning,
    Func<JobOptions, string, JobOptions> Read,
    Func<JobOptions, string?> Print
)
{
    private const string Duration = "DUR";
    private const string Size = "SIZE";

    /// <summary>True if it says when cycles begin, which nobody but <c>loop</c> asks.</summary>
    public bool IsOfLoop { get; init; }

    private static readonly Choice<bool> YesOrNo = new("a yes or no", ("true", true), ("false", false));

    /// <summary>All of them, in the order in which they are printed.</summary>
    public static IReadOnlyList<JobSetting> All { get; } =
    [
        new(
            "interval",
            Duration,
            "From the begin of a cycle of 'loop' to the begin of the next.",
            (options, text) => options with { Interval = NotNothing(text) },
            options => TimeLength.Print(options.Interval)
        )
        {
            IsOfLoop = true,
        },
        new(
            "min_rest",
            Duration,
            "From the end of a cycle to the begin of the next, at least.",
            (options, text) => options with { MinRest = TimeLength.Parse(text) },
            options => TimeLength.Print(options.MinRest)
        )
        {
            IsOfLoop = true,
        },
        new(
            "rpo",
            Duration,
            "How far a destination may be behind: 'notify' tells of one that lags behind it.",
            (options, text) => options with { Rpo = NotNothing(text) },
            options => options.Rpo is { } length ? TimeLength.Print(length) : null
        )
        {
            IsOfLoop = true,
        },
        new(
            "laggard_limit",
            Duration,
            "How long a destination that is slower than the others may go on with its snapshot when they go on without it.",
            (options, text) => options with { LaggardLimit = NotNothing(text) },
            options => TimeLength.Print(options.LaggardLimit)
        )
        {
            IsOfLoop = true,
        },
        new(
            "retry.first",
            Duration,
            "How long a destination that failed is left alone; each time twice as long, with some chance.",
            (options, text) => options with { RetryFirst = NotNothing(text) },
            options => TimeLength.Print(options.RetryFirst)
        )
        {
            IsOfLoop = true,
        },
        new(
            "retry.max",
            Duration,
            "How long at most.",
            (options, text) => options with { RetryMax = NotNothing(text) },
            options => TimeLength.Print(options.RetryMax)
        )
        {
            IsOfLoop = true,
        },
        new(
            "plan",
            SyncWords.Plans.HelpName,
            "How changes are found.",
            (options, text) => options with { Plan = SyncWords.Plans.Parse(text) },
            options => SyncWords.Plans.WordOf(options.Plan)
        ),
        new(
            "block_size",
            Size,
            "Unit of comparison of a new volume. Without a word: 64KiB.",
            (options, text) => options with { BlockSizeBytes = SyncWords.BlockSize(text) },
            options => options.BlockSizeBytes is { } bytes ? new ByteSize(bytes).ToExactString() : null
        ),
        new(
            "hash",
            SyncWords.Hashes.HelpName,
            "Strong hash of a new volume. Without a word: xxh128.",
            (options, text) => options with { Hash = SyncWords.Hashes.Parse(text) },
            options => options.Hash is { } hash ? SyncWords.Hashes.WordOf(hash) : null
        ),
        new(
            "match",
            SyncWords.Matches.HelpName,
            "Where moved content is searched.",
            (options, text) => options with { Match = SyncWords.Matches.Parse(text) },
            options => SyncWords.Matches.WordOf(options.Match)
        ),
        new(
            "compression",
            CompressionWord.HelpName,
            "Compress what is sent, where that pays; what a receiver says of it comes first.",
            (options, text) => options with { Compression = CompressionWord.Parse(text) },
            options => options.Compression.ToString()
        ),
        new(
            "full_compare_every",
            $"{Duration}|off",
            "How long digests may be believed before both devices are read and compared.",
            (options, text) => options with { FullCompareEvery = SyncWords.FullCompare(text) },
            options => SyncWords.FullCompareText(options.FullCompareEvery)
        ),
        new(
            "checkpoint_every",
            Size,
            "After so much of a delta it is made durable at the receiver.",
            (options, text) => options with { CheckpointBytes = SyncWords.Checkpoint(text) },
            options => new ByteSize(options.CheckpointBytes).ToExactString()
        ),
        new(
            "snapshot.type",
            SyncWords.Snapshots.HelpName,
            "Whether a snapshot is taken of a logical volume.",
            (options, text) => WithSnapshot(options, s => s with { Mode = SyncWords.Snapshots.Parse(text) }),
            options => SyncWords.Snapshots.WordOf(options.Snapshot.Mode)
        ),
        new(
            "snapshot.cow_size",
            $"{Size}|PERCENT",
            "Space for a snapshot of a volume that is not thin.",
            (options, text) => WithSnapshot(options, s => s with { CowSpace = CowSize.Parse(text) }),
            options => CowSize.Print(options.Snapshot.CowSpace)
        ),
        new(
            "snapshot.keep_base",
            YesOrNo.HelpName,
            "Keep the snapshot until the next cycle, to ask LVM what changed since.",
            (options, text) => WithSnapshot(options, s => s with { KeepsBase = YesOrNo.Parse(text) }),
            options => YesOrNo.WordOf(options.Snapshot.KeepsBase)
        ),
        new(
            "snapshot.used_only",
            YesOrNo.HelpName,
            "What the filesystem calls free is not read, and counts as zeros.",
            (options, text) => WithSnapshot(options, s => s with { UsedOnly = YesOrNo.Parse(text) }),
            options => YesOrNo.WordOf(options.Snapshot.UsedOnly)
        ),
    ];

    /// <summary>The options that <paramref name="map"/> says, where it says nothing those that are <paramref name="inherited"/>.</summary>
    public static JobOptions ReadAll(ConfigMap map, JobOptions inherited)
    {
        var groups = new Dictionary<string, ConfigMap?>(StringComparer.Ordinal);
        var options = inherited;
        foreach (var setting in All)
        {
            var keys = setting.Key.Split('.');
            if (MapOf(keys) is { } place)
            {
                options = place.Read(keys[^1], text => setting.Read(options, text), options);
            }
        }

        foreach (var group in groups.Values)
        {
            group?.Finish();
        }

        return options with
        {
            Hooks = HookReader.Read(map, inherited.Hooks),
        };

        ConfigMap? MapOf(string[] keys)
        {
            if (keys.Length == 1)
            {
                return map;
            }

            if (!groups.TryGetValue(keys[0], out var group))
            {
                group = map.Take(keys[0])?.AsMap();
                groups.Add(keys[0], group);
            }

            return group;
        }
    }

    /// <summary>What <paramref name="options"/> say, each by its key, in order.</summary>
    /// <param name="options">The options.</param>
    /// <param name="withDefaults">True for what would hold if nobody said anything, too.</param>
    public static IEnumerable<(string Key, string Text)> Said(JobOptions options, bool withDefaults)
    {
        var usual = new JobOptions();
        foreach (var setting in All)
        {
            if (
                setting.Print(options) is { } text
                && (withDefaults || !string.Equals(text, setting.Print(usual), StringComparison.Ordinal))
            )
            {
                yield return (setting.Key, text);
            }
        }
    }

    private static JobOptions WithSnapshot(
        JobOptions options,
        Func<SnapshotSettings, SnapshotSettings> change
    ) => options with { Snapshot = change(options.Snapshot) };

    /// <summary>A time that is more than none.</summary>
    /// <exception cref="Errors.RsyncFsException">It is no time, or none.</exception>
    public static TimeSpan NotNothing(string text)
    {
        var length = TimeLength.Parse(text);
        return length > TimeSpan.Zero
            ? length
            : throw UsageError.Of($"'{text}' is no time at all", "write a number and a unit: 30s");
    }
}
