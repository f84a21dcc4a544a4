using RsyncFs.Blocks;
using RsyncFs.Errors;

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

    /// <summary>What to say if it would be a first copy, and its key may make none, whatever the receiver allows; null if it may.</summary>
    public RefusedException? InitRefusal { get; init; }
}
