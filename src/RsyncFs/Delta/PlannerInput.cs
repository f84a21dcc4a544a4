using RsyncFs.Blocks;

namespace RsyncFs.Delta;

/// <summary>What both ends know when a plan is chosen.</summary>
/// <param name="Status">What the target is.</param>
/// <param name="TargetGeneration">Its generation.</param>
/// <param name="TargetRoot">The root digest of that generation.</param>
/// <param name="IsTargetMapTrusted">True if the receiver may believe its digest map without reading the target.</param>
/// <param name="SenderGeneration">The generation that the sender's digest map is of; zero if it has none.</param>
/// <param name="SenderRoot">The root digest of that map.</param>
/// <param name="Wanted">The plan a person asked for, or null.</param>
/// <param name="WritesNothing">True for a session that only estimates: the sender's map must stay as it is.</param>
/// <param name="Mode">How the receiver takes the delta.</param>
/// <param name="IsCompareDue">True if the schedule wants both ends read.</param>
/// <param name="Resumed">The plan of an interrupted delta that can be gone on with, or null.</param>
internal sealed record PlannerInput(
    TargetStatus Status,
    Guid TargetGeneration,
    Digest TargetRoot,
    bool IsTargetMapTrusted,
    Guid SenderGeneration,
    Digest SenderRoot,
    Plan? Wanted,
    bool WritesNothing,
    ApplyMode Mode,
    bool IsCompareDue,
    Plan? Resumed
);
