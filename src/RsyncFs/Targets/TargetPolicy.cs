using RsyncFs.Blocks;

namespace RsyncFs.Targets;

/// <summary>What the receiver's side allows for one target.</summary>
/// <param name="Init">Whether it may take a first copy.</param>
/// <param name="FindSignature">Probes the device for something that a first copy would destroy (a filesystem, a partition table); null if there is nothing.</param>
public sealed record TargetPolicy(InitPolicy Init, Func<string?> FindSignature)
{
    /// <summary>What to do when the last delta did not fit the journal: <see cref="ApplyMode.Journal"/> holds with an error, <see cref="ApplyMode.Direct"/> goes in place (C8).</summary>
    public ApplyMode OversizedMode { get; init; } = ApplyMode.Journal;

    /// <summary>Bytes that the journal may have now; 0 if that is not known.</summary>
    public long JournalLimitBytes { get; init; }
}
