using System.CommandLine;
using RsyncFs.Blocks;
using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Commands;

/// <summary>The options that say how an update reaches a target of this end.</summary>
internal sealed class JournalOptions
{
    private static readonly Choice<ApplyMode> Modes = new(
        "--apply",
        ("journal", ApplyMode.Journal),
        ("direct", ApplyMode.Direct)
    );

    private readonly Option<string?> _apply = new("--apply")
    {
        Description =
            "What becomes of a delta that is larger than the journal may be; journal: it is refused; direct: the next attempt is written in place, the target marked inconsistent until it has ended. Default: journal.",
        HelpName = Modes.HelpName,
    };

    private readonly Option<string?> _limit = new("--journal-limit")
    {
        Description =
            "How large a journal may be. Never more than half of the free space of the state directory. Default: 16GiB.",
        HelpName = "SIZE",
    };

    private readonly Option<string?> _keepFree = new("--keep-free")
    {
        Description = "What a journal leaves free on the disk of the state directory. Default: 1GiB.",
        HelpName = "SIZE",
    };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_apply);
        command.Options.Add(_limit);
        command.Options.Add(_keepFree);
    }

    /// <summary>The first of the options that is on the line; null if none is.</summary>
    public string? FirstGiven(ParseResult parsed) =>
        new[] { _apply, _limit, _keepFree }
            .FirstOrDefault(option => parsed.GetValue(option) is not null)
            ?.Name;

    /// <summary>What the command line says.</summary>
    /// <exception cref="Errors.RsyncFsException">A word or a size that is none.</exception>
    public JournalPolicy Bind(ParseResult parsed) =>
        new(
            Modes.Parse(parsed.GetValue(_apply) ?? "journal"),
            parsed.GetValue(_limit) is { } size ? Limit(size) : JournalPolicy.Default.LimitBytes,
            parsed.GetValue(_keepFree) is { } free
                ? ByteSize.Parse(free).Bytes
                : JournalPolicy.Default.KeepFreeBytes
        );

    private static long Limit(string text)
    {
        var size = ByteSize.Parse(text);
        return size.Bytes > 0
            ? size.Bytes
            : throw UsageError.Of(
                "--journal-limit is nothing",
                "a journal holds what changes in one cycle, as in 4GiB"
            );
    }
}
