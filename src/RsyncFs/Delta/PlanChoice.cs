using RsyncFs.Blocks;

namespace RsyncFs.Delta;

/// <summary>How a cycle goes about its work, and why.</summary>
/// <param name="Plan">How the changes are found.</param>
/// <param name="ApplyMode">How the delta is brought onto the target.</param>
/// <param name="Reason">Why, in words for the report.</param>
internal sealed record PlanChoice(Plan Plan, ApplyMode ApplyMode, string Reason)
{
    /// <summary>True if the target is read whatever is believed of it.</summary>
    public bool ReadsTarget { get; init; }
}
