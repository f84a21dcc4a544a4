using RsyncFs.Blocks;

namespace RsyncFs.Cli.Output;

/// <summary>What a target is, as people and programs read it.</summary>
internal static class TargetStatusText
{
    /// <summary>The word for a state that can not be read.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>The stable word: <c>consistent</c>.</summary>
    public static string Word(TargetStatus status) => status.ToString().ToLowerInvariant();

    /// <summary>What the word means to whoever wants to use the device.</summary>
    public static string Explain(string word) =>
        word switch
        {
            "empty" => "never initialised: whatever the device holds is nobody's copy",
            "initializing" => "INCONSISTENT: its first copy did not end; do not use it",
            "consistent" => "one whole generation",
            "committed" =>
                "between two generations: the next one is whole in the journal, and 'serve' or 'promote' applies it",
            "direct" =>
                "INCONSISTENT: an update in place did not end, it is a mix of two generations; do not use it",
            "faulted" =>
                "FAULTED: a committed generation could not be applied; look at the disk, the journal still has it",
            "diverged" =>
                "DIVERGED: it is not the generation that it should be; the next cycle compares and mends it",
            "primary" => "promoted: whoever uses the device is the primary; nothing of rsyncfs writes it",
            "adopted" => "taken in, and not proven: the next cycle compares it",
            "released" => "given up: nothing of rsyncfs writes it",
            Unreadable => "its state can not be read",
            _ => word,
        };
}
