using System.CommandLine;
using RsyncFs.Cli.Arguments;
using RsyncFs.Protocol;

namespace RsyncFs.Cli.Commands;

/// <summary>The options that say how a delta is made.</summary>
internal sealed class DeltaOptions
{
    private readonly Option<string?> _plan = Worded(
        "--plan",
        SyncWords.Plans.HelpName,
        "How changes are found; auto: the cheapest way that is provably right."
    );

    private readonly Option<string?> _blockSize = Worded(
        "--block-size",
        "SIZE",
        "Unit of comparison of a new volume: a power of two from 4KiB to 4MiB. Default: 64KiB."
    );

    private readonly Option<string?> _hash = Worded(
        "--hash",
        SyncWords.Hashes.HelpName,
        "Strong hash of a new volume; sha256 if strangers control its content. Default: xxh128."
    );

    private readonly Option<string?> _match = Worded(
        "--match",
        SyncWords.Matches.HelpName,
        "Where moved content is searched; aligned: nowhere."
    );

    private readonly Option<string?> _compression = new("--compression", "--compress")
    {
        HelpName = CompressionWord.HelpName,
        Description =
            "Compress what is sent, where that pays. zstd:1 is the fastest, zstd:19 the densest; auto, the default, measures whether the line or the processor is the bottleneck.",
    };

    private readonly Option<bool> _dryRun = Flag.Of(
        "--dry-run",
        "Say what would be read, changed and sent; write nothing.",
        "-n"
    );

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _plan, _blockSize, _hash, _match, _compression, _dryRun })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What the command line says.</summary>
    /// <exception cref="Errors.RsyncFsException">A word or a size that is none.</exception>
    public ReplicationOptions Bind(ParseResult parsed, string targetName) =>
        new()
        {
            TargetName = targetName,
            Purpose = parsed.GetValue(_dryRun) ? Purpose.Estimate : Purpose.Replicate,
            Plan = SyncWords.Plans.Parse(parsed.GetValue(_plan) ?? "auto"),
            BlockSizeBytes = parsed.GetValue(_blockSize) is { } size ? SyncWords.BlockSize(size) : null,
            Hash = parsed.GetValue(_hash) is { } word ? SyncWords.Hashes.Parse(word) : null,
            Match = SyncWords.Matches.Parse(parsed.GetValue(_match) ?? "auto"),
            Compression = CompressionWord.Parse(parsed.GetValue(_compression) ?? "auto"),
        };

    private static Option<string?> Worded(string name, string helpName, string description) =>
        new(name) { HelpName = helpName, Description = description };
}
