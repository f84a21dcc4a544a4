using System.CommandLine;
using RsyncFs.Blocks;
using RsyncFs.Cli.Arguments;
using RsyncFs.Protocol;

namespace RsyncFs.Cli.Commands;

/// <summary>The options that say how a delta is made.</summary>
internal sealed class DeltaOptions
{
    private static readonly Choice<Plan?> Plans = new(
        "--plan",
        ("auto", null),
        ("tracked", Plan.Tracked),
        ("digest", Plan.Digest),
        ("compare", Plan.Compare),
        ("full", Plan.Full)
    );

    private static readonly Choice<HashAlgorithmId> Hashes = new(
        "--hash",
        ("xxh128", HashAlgorithmId.XxHash128),
        ("sha256", HashAlgorithmId.Sha256)
    );

    private static readonly Choice<MatchMode> Matches = new(
        "--match",
        ("auto", MatchMode.Auto),
        ("aligned", MatchMode.Aligned),
        ("rolling", MatchMode.Rolling)
    );

    private static readonly Choice<bool> Compressions = new(
        "--compress",
        ("auto", true),
        ("lz4", true),
        ("none", false)
    );

    private readonly Option<string?> _plan = Worded(
        "--plan",
        Plans.HelpName,
        "How changes are found; auto: the cheapest way that is provably right."
    );

    private readonly Option<string?> _blockSize = Worded(
        "--block-size",
        "SIZE",
        "Unit of comparison of a new volume: a power of two from 4KiB to 4MiB. Default: 64KiB."
    );

    private readonly Option<string?> _hash = Worded(
        "--hash",
        Hashes.HelpName,
        "Strong hash of a new volume; sha256 if strangers control its content. Default: xxh128."
    );

    private readonly Option<string?> _match = Worded(
        "--match",
        Matches.HelpName,
        "Where moved content is searched; aligned: nowhere."
    );

    private readonly Option<string?> _compress = Worded(
        "--compress",
        Compressions.HelpName,
        "Compress what is sent, where that pays."
    );

    private readonly Option<bool> _dryRun = Flag.Of(
        "--dry-run",
        "Say what would be read, changed and sent; write nothing.",
        "-n"
    );

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _plan, _blockSize, _hash, _match, _compress, _dryRun })
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
            Plan = Plans.Parse(parsed.GetValue(_plan) ?? "auto"),
            BlockSizeBytes = parsed.GetValue(_blockSize) is { } size ? BlockSize(size) : null,
            Hash = parsed.GetValue(_hash) is { } word ? Hashes.Parse(word) : null,
            Match = Matches.Parse(parsed.GetValue(_match) ?? "auto"),
            Compress = Compressions.Parse(parsed.GetValue(_compress) ?? "auto"),
        };

    private static int BlockSize(string text)
    {
        var size = ByteSize.Parse(text);
        return BlockLayout.IsValidBlockSize(size.Bytes)
            ? (int)size.Bytes
            : throw UsageError.Of(
                $"'{text}' is not a block size",
                "a power of two from 4KiB to 4MiB: 4KiB 8KiB 16KiB 32KiB 64KiB 128KiB 256KiB 512KiB 1MiB 2MiB 4MiB"
            );
    }

    private static Option<string?> Worded(string name, string helpName, string description) =>
        new(name) { HelpName = helpName, Description = description };
}
