using RsyncFs.Blocks;

namespace RsyncFs.Targets;

/// <summary>What the receiver's side allows for one target.</summary>
/// <param name="Init">Whether it may take a first copy.</param>
/// <param name="FindSignature">Probes the device for something that a first copy would destroy (a filesystem, a partition table); null if there is nothing.</param>
public sealed record TargetPolicy(InitPolicy Init, Func<string?> FindSignature)
{
    /// <summary>What becomes of a delta when the last one did not fit the journal: <see cref="ApplyMode.Journal"/> holds with an error, <see cref="ApplyMode.Direct"/> goes in place (C8).</summary>
    public ApplyMode OversizedMode { get; init; } = ApplyMode.Journal;

    /// <summary>Bytes that a journal may have at most; the free space may allow less.</summary>
    public long JournalLimitBytes { get; init; } = 16L * 1024 * 1024 * 1024;

    /// <summary>Bytes that a journal leaves free on its disk.</summary>
    public long KeepFreeBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>What a person calls the target in a command, where that is not its name: the path of a local one.</summary>
    public string? CommandName { get; init; }

    /// <summary>Scattered small writes reach a device's speed with some 32 under way. With 1 they come in order.</summary>
    public int WritesUnderWay { get; init; } = 32;
}
