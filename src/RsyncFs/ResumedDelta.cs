using RsyncFs.Blocks;
using RsyncFs.Protocol.Messages;
using RsyncFs.Sources;

namespace RsyncFs;

/// <summary>Decides whether an interrupted delta can be gone on with: pure, from what both ends remember of it (C17).</summary>
internal static class ResumedDelta
{
    /// <summary>
    /// The point to go on from, if the very source that it was made of can be had again; null where there is none, and
    /// the delta begins anew, which is always right.
    /// </summary>
    /// <param name="point">What the sender remembers.</param>
    /// <param name="target">What the receiver holds.</param>
    public static ResumePoint? Find(ResumePoint? point, TargetState target)
    {
        if (point is null || point.Position.Generation != target.Partial.Generation)
        {
            return null;
        }

        // The receiver may be ahead: the word of its last checkpoint was lost. It never is behind what it said.
        var agrees =
            point.Position == target.Partial || point.Position.RecordCount < target.Partial.RecordCount;
        // In place, what a comparison finds now is what is missing; only a whole copy skips what it has sent.
        var isOfUse = target.Mode == ApplyMode.Journal || point.Plan == Plan.Full;
        return agrees && isOfUse && point.Parent == target.Generation ? point : null;
    }
}
