using RsyncFs.Blocks;

namespace RsyncFs.Targets;

/// <summary>What a sender asks of a target.</summary>
/// <param name="LengthBytes">Bytes of its source.</param>
/// <param name="Volume">The volume that its source is.</param>
/// <param name="IsNewVolume">True if the sender made that volume up for this session.</param>
/// <param name="WritesNothing">True if it only wants to compare; then the lineage does not matter.</param>
/// <param name="Lineage">What the sender knows of its generations at this target.</param>
public sealed record AdmissionRequest(
    long LengthBytes,
    Volume Volume,
    bool IsNewVolume,
    bool WritesNothing,
    SourceLineage Lineage
);
