using RsyncFs.Blocks;
using RsyncFs.Delta;
using RsyncFs.Errors;
using RsyncFs.Maps;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Snapshots;
using RsyncFs.Sources;

namespace RsyncFs;

/// <summary>How the changes of one cycle are found, and whether an interrupted delta is gone on with.</summary>
internal sealed class CyclePlan : IDisposable
{
    private readonly TargetState _target;

    private CyclePlan(TargetState target, PlanChoice choice, ResumePoint? resumed, TrackedSource? tracked)
    {
        _target = target;
        Choice = choice;
        Resumed = resumed;
        Tracked = tracked;
    }

    /// <summary>The plan, and why.</summary>
    public PlanChoice Choice { get; }

    /// <summary>Where the interrupted delta is gone on with; null for a new one.</summary>
    public ResumePoint? Resumed { get; }

    /// <summary>What the storage says of the changes; null if the plan is another.</summary>
    public TrackedSource? Tracked { get; }

    /// <summary>The base when the plan was made; null if there was none.</summary>
    public BaseSnapshot? From { get; private init; }

    /// <summary>The blocks that changed since the base; null if that is not known, or nobody else is served from it.</summary>
    public BlockSet? SinceBase { get; private init; }

    /// <summary>True if nothing of the target is taken for granted: all of it is read, or written.</summary>
    public bool ReadsBoth =>
        Choice.Plan == Plan.Full
        || (Choice.Plan == Plan.Compare && (Choice.ReadsTarget || !_target.IsMapTrusted));

    /// <summary>Chooses; see <see cref="Planner"/>.</summary>
    /// <param name="source">The source.</param>
    /// <param name="snapshot">Its snapshot of this cycle.</param>
    /// <param name="state">What is known of it and of the destination.</param>
    /// <param name="target">What the receiver says.</param>
    /// <param name="options">What a person chose.</param>
    /// <param name="hasher">Layout and hash.</param>
    /// <param name="ownMap">Of which generation this end's map is; null if it has none.</param>
    /// <exception cref="RefusedException">The plan that was asked for is not safe.</exception>
    public static CyclePlan Choose(
        ISnapshotProvider source,
        ISnapshot snapshot,
        DestinationState state,
        TargetState target,
        ReplicationOptions options,
        BlockHasher hasher,
        DigestMapHeader? ownMap
    )
    {
        var isEstimate = options.Purpose != Purpose.Replicate;
        var resumed = isEstimate || snapshot.IsFuzzy ? null : ResumedDelta.Find(state.Resume, target);
        resumed = resumed?.Evidence == snapshot.Evidence ? resumed : null;
        var isCompareDue =
            !isEstimate
            && options.FullCompareEvery is { } every
            && snapshot.TakenAt - state.ComparedAt >= every;
        var choice = Planner.Choose(
            new PlannerInput(
                target.Status,
                target.Generation,
                target.Root,
                target.IsMapTrusted,
                ownMap?.Generation ?? Guid.Empty,
                ownMap?.Root ?? default,
                options.Plan,
                isEstimate,
                target.Mode,
                isCompareDue,
                resumed?.Plan
            )
        );
        var since = new BaseChanges(source, snapshot, state);
        var tracked = Track(ref choice);
        var goesOn = resumed is not null && (resumed.Plan == Plan.Full) == (choice.Plan == Plan.Full);
        // Whatever the plan: the snapshot becomes the base of the destinations that are not served now.
        var sinceBase = isEstimate ? null : since.FindForOthers(hasher.Layout);
        return new CyclePlan(target, choice, goesOn ? resumed : null, tracked)
        {
            From = since.From,
            SinceBase = sinceBase,
        };

        // Where nothing but what changed needs to be read, and the storage can tell what that is.
        TrackedSource? Track(ref PlanChoice choice)
        {
            var isOfUse = source.KeepsBase || options.Changes is not null || options.Plan == Plan.Tracked;
            if (choice.Plan != Plan.Digest || options.Plan == Plan.Digest || !isOfUse)
            {
                return null;
            }

            var asked = TrackedSource.Ask(
                source,
                snapshot,
                state.Source,
                since,
                options.Changes,
                target.Generation,
                hasher
            );
            choice = Planner.Narrow(choice, options.Plan, asked.IsKnown, asked.Reason);
            return asked.IsKnown ? asked : null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Tracked?.Dispose();
}
