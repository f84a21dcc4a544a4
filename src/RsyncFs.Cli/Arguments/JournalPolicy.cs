using RsyncFs.Blocks;

namespace RsyncFs.Cli.Arguments;

/// <summary>How large the journal of a target may become, and what becomes of a delta that is larger.</summary>
/// <param name="OversizedMode">Journal: it is refused. Direct: the next attempt is written in place, and the target marked inconsistent meanwhile.</param>
/// <param name="LimitBytes">Bytes of the journal at most. Half of the free space, or all but 1 GiB of it, may be less.</param>
internal sealed record JournalPolicy(ApplyMode OversizedMode, long LimitBytes)
{
    /// <summary>Refused beyond 16 GiB.</summary>
    public static JournalPolicy Default { get; } = new(ApplyMode.Journal, 16L << 30);
}
