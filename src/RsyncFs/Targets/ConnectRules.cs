using System.Diagnostics;
using RsyncFs.Blocks;

namespace RsyncFs.Targets;

/// <summary>
/// Who may continue whom. One pure function of what both sides durably know; nothing else in the program decides it.
/// The rules are checked over all short histories of two machines (LineageModelTests).
/// </summary>
/// <remarks>
/// The first line that fits decides:
/// <code>
/// the target has no record                                   FirstCopy (2)
/// is primary, of the sender's volume, sender's epoch not lower  SplitBrain
/// is primary                                                 Promoted
/// is released, faulted                                       Released, Faulted
/// the sender's epoch is too far ahead                        EpochAhead (3)
/// is bound to no volume                                      TakeOver
/// the sender has no state                                    WithoutState
/// the volumes differ                                         Unrelated
/// the sender's epoch is lower                                StaleSender
/// the target's generation is not known, or its first copy did not end  Compare
/// its generation is the sender's cursor                      Incremental (1)
/// its generation is what the sender proposed                 AdvanceCursor (1)
/// its generation is among the sender's                       Compare
/// the sender's cursor or proposed is among its ancestors     SenderBehind
/// else                                                       SplitBrain
/// (1) Compare, if the target is not one whole and proven generation
/// (2) EpochAhead, as below
/// (3) by more than <see cref="SourceLineage.MaxEpochStep"/>, of the highest that the target has seen, or of the first
/// </code>
/// A device that is given up is never written, whatever the volumes: so roles come first. Whose content a person has
/// given up has no generation any more (<see cref="RoleChange.Adopt"/>). A demoted primary has the one that it was
/// promoted at: what was written to it since is given up, what its sender had brought before is not, and a sender that
/// is behind even that is refused.
/// </remarks>
public static class ConnectRules
{
    /// <summary>Decides how a sender that wants to write goes on with a target.</summary>
    /// <param name="sender">What the sender knows of its generations at this target.</param>
    /// <param name="senderHasState">False if it made its volume up for this session.</param>
    /// <param name="senderVolume">Its volume.</param>
    /// <param name="target">What the target durably is; null if it was never initialised.</param>
    public static ConnectOutcome Decide(
        SourceLineage sender,
        bool senderHasState,
        Volume senderVolume,
        TargetRecord? target
    )
    {
        var isAhead = sender.Epoch > HighestEpochOf(target) + SourceLineage.MaxEpochStep;
        if (target is null)
        {
            return isAhead ? ConnectOutcome.EpochAhead : ConnectOutcome.FirstCopy;
        }

        var isOwn = senderHasState && target.Volume == senderVolume;
        return target switch
        {
            { Status: TargetStatus.Primary } => isOwn && sender.Epoch >= target.Epoch
                ? ConnectOutcome.SplitBrain
                : ConnectOutcome.Promoted,
            { Status: TargetStatus.Released } => ConnectOutcome.Released,
            { Status: TargetStatus.Faulted } => ConnectOutcome.Faulted,
            _ when isAhead => ConnectOutcome.EpochAhead,
            { Volume: null } => ConnectOutcome.TakeOver,
            _ when !senderHasState => ConnectOutcome.WithoutState,
            _ when !isOwn => ConnectOutcome.Unrelated,
            _ when sender.Epoch < target.Epoch => ConnectOutcome.StaleSender,
            _ => DecideByGeneration(sender, target),
        };
    }

    /// <summary>The highest epoch that a target has seen; the first, if it has seen none. At most <see cref="SourceLineage.MaxEpoch"/>.</summary>
    internal static ulong HighestEpochOf(TargetRecord? target) =>
        target is null ? SourceLineage.FirstEpoch : Math.Max(target.HighestEpoch, target.Epoch);

    /// <summary>True if the sender and the target do not go on.</summary>
    public static bool IsRefusal(this ConnectOutcome outcome) => outcome >= ConnectOutcome.Unrelated;

    private static ConnectOutcome DecideByGeneration(SourceLineage sender, TargetRecord target)
    {
        Debug.Assert(target.Status != TargetStatus.Committed, "a target was had that is not settled (C9)");
        var current = target.Generation;
        if (current == Guid.Empty || target.Status == TargetStatus.Initializing)
        {
            return ConnectOutcome.Compare;
        }

        var mustCompare = target.Status.MustBeCompared();
        if (current == sender.Cursor)
        {
            return mustCompare ? ConnectOutcome.Compare : ConnectOutcome.Incremental;
        }

        if (current == sender.Proposed)
        {
            return mustCompare ? ConnectOutcome.Compare : ConnectOutcome.AdvanceCursor;
        }

        if (sender.Ancestors.Contains(current))
        {
            return ConnectOutcome.Compare;
        }

        // A sender without a cursor is in no list of ancestors: zero ids are never kept.
        return target.Ancestors.Contains(sender.Cursor) || target.Ancestors.Contains(sender.Proposed)
            ? ConnectOutcome.SenderBehind
            : ConnectOutcome.SplitBrain;
    }
}
