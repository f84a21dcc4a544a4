using RsyncFs.Blocks;
using RsyncFs.Errors;

namespace RsyncFs.Delta;

/// <summary>Chooses the cheapest plan that is provably right. A pure function: what it decides depends on its input alone.</summary>
internal static class Planner
{
    /// <summary>Chooses plan and apply mode.</summary>
    /// <exception cref="RefusedException">A person asked for a plan that is not provably right here. Nothing was done.</exception>
    public static PlanChoice Choose(PlannerInput input)
    {
        var mode = input.Mode;
        var obstacle = ObstacleToDigest(input);
        return input.Wanted switch
        {
            Plan.Full => new PlanChoice(Plan.Full, mode, "asked for"),
            Plan.Compare => new PlanChoice(Plan.Compare, mode, "asked for"),
            Plan.Digest or Plan.Tracked when obstacle is null => new PlanChoice(
                Plan.Digest,
                mode,
                "asked for"
            ),
            Plan.Digest or Plan.Tracked => throw Unsafe(input.Wanted.Value, obstacle),
            _ => ChooseCheapest(input, mode, obstacle),
        };
    }

    /// <summary>Where the plan is <c>digest</c>: only what changed is read, if the storage can tell what that is.</summary>
    /// <param name="choice">What was chosen.</param>
    /// <param name="wanted">The plan a person asked for, or null.</param>
    /// <param name="isTracked">True if it is known what changed since the target's generation.</param>
    /// <param name="reason">Who says so; or why it is not known.</param>
    /// <exception cref="RefusedException">A person asked for it, and it is not known. Nothing was done.</exception>
    public static PlanChoice Narrow(PlanChoice choice, Plan? wanted, bool isTracked, string reason) =>
        choice.Plan != Plan.Digest || wanted == Plan.Digest ? choice
        : isTracked ? choice with { Plan = Plan.Tracked, Reason = reason }
        : wanted == Plan.Tracked ? throw Unsafe(Plan.Tracked, reason)
        : choice with { Reason = $"{choice.Reason}; {reason}" };

    private static RefusedException Unsafe(Plan wanted, string obstacle) =>
        new(
            ErrorId.PlanUnavailable,
            $"the plan '{(wanted == Plan.Digest ? "digest" : "tracked")}' would not be safe: {obstacle}"
        )
        {
            Hint = "leave --plan out, or use --plan compare",
        };

    private static PlanChoice ChooseCheapest(PlannerInput input, ApplyMode mode, string? obstacle) =>
        input switch
        {
            { Resumed: Plan.Full } => new PlanChoice(Plan.Full, mode, "an interrupted copy is gone on with"),
            { Status: TargetStatus.Empty } => new PlanChoice(Plan.Full, mode, "first copy"),
            { Status: TargetStatus.Initializing or TargetStatus.Direct } => new PlanChoice(
                Plan.Compare,
                mode,
                "an earlier copy did not end; what it left is compared"
            ),
            { Status: TargetStatus.Diverged } => new PlanChoice(
                Plan.Compare,
                mode,
                "the target was found to differ from its generation"
            ),
            { Status: TargetStatus.Adopted } => new PlanChoice(
                Plan.Compare,
                mode,
                "the target was adopted, and nobody has compared it yet"
            ),
            { IsCompareDue: true } => new PlanChoice(Plan.Compare, mode, "a full compare was due")
            {
                ReadsTarget = true,
            },
            _ when obstacle is null => new PlanChoice(
                Plan.Digest,
                mode,
                "both digest maps are of the target's generation"
            ),
            _ => new PlanChoice(Plan.Compare, mode, obstacle),
        };

    private static string? ObstacleToDigest(PlannerInput input)
    {
        if (input.Status != TargetStatus.Consistent)
        {
            return "the target is not one whole generation";
        }

        if (input.WritesNothing)
        {
            return "an estimate leaves the sender's digest map alone";
        }

        if (!input.IsTargetMapTrusted)
        {
            return "the receiver's digest map can not be trusted";
        }

        if (input.SenderGeneration == Guid.Empty)
        {
            return "the sender has no digest map";
        }

        return input.SenderGeneration == input.TargetGeneration && input.SenderRoot == input.TargetRoot
            ? null
            : "the sender's digest map is of another generation";
    }
}
