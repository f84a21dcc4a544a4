using RsyncFs.Blocks;

namespace RsyncFs.Targets;

/// <summary>What a sender asks of a target.</summary>
/// <param name="Shape">The devices that its source consists of.</param>
/// <param name="Volume">The volume that its source is.</param>
/// <param name="IsNewVolume">True if the sender made that volume up for this session.</param>
/// <param name="WritesNothing">True if it only wants to compare; then the lineage does not matter.</param>
public sealed record AdmissionRequest(SetShape Shape, Volume Volume, bool IsNewVolume, bool WritesNothing)
{
    /// <summary>What the sender knows of its generations at this target.</summary>
    public SourceLineage Lineage { get; init; } = SourceLineage.None;

    /// <summary>False if its key may make no first copy, whatever the receiver allows for the target.</summary>
    public bool MayInit { get; init; } = true;
}
