using RsyncFs.Blocks;

namespace RsyncFs.Cli.Arguments;

/// <summary>How large the journal of a target may become, and what becomes of a delta that is larger.</summary>
/// <param name="OversizedMode">Journal: it is refused. Direct: the next attempt is written in place, and the target marked inconsistent meanwhile.</param>
/// <param name="LimitBytes">Bytes of the journal at most. Half of the free space, or what is above <paramref name="KeepFreeBytes"/>, may be less.</param>
/// <param name="KeepFreeBytes">Bytes that a journal leaves free on its disk.</param>
internal sealed record JournalPolicy(ApplyMode OversizedMode, long LimitBytes, long KeepFreeBytes)
{
    /// <summary>Refused beyond 16 GiB; 1 GiB stays free.</summary>
    public static JournalPolicy Default { get; } = new(ApplyMode.Journal, 16L << 30, 1L << 30);
}
