using RsyncFs.Blocks;
using RsyncFs.Errors;

namespace RsyncFs.Targets;

/// <summary>
/// The words of each refusal among the <see cref="ConnectOutcome"/>s. Both ends print them, so each says on which
/// machine its remedy is typed; NAME stands for the target's name there.
/// </summary>
internal static class ConnectRefusal
{
    /// <summary>The error for <paramref name="outcome"/>, which is a refusal.</summary>
    public static RefusedException Of(
        ConnectOutcome outcome,
        SourceLineage sender,
        Volume senderVolume,
        TargetRecord target
    ) =>
        outcome switch
        {
            ConnectOutcome.Unrelated => new(ErrorId.VolumeUnrelated, "the target belongs to another source")
            {
                Cause =
                    $"it is a copy of volume {target.Volume?.Id:N}, the source is volume {senderVolume.Id:N}",
                Hint = HowToTakeOver,
            },
            ConnectOutcome.WithoutState => new(ErrorId.SenderUnknown, "the target belongs to another sender")
            {
                Cause = $"it is a copy of volume {target.Volume?.Id:N}, of which this sender has no state",
                Hint = HowToTakeOver,
            },
            ConnectOutcome.Promoted => new(ErrorId.Fenced, "the target was promoted; this sender is fenced")
            {
                Cause = $"promoted {target.ChangedAt:u}; {Epochs(sender, target)}",
                Hint =
                    "on the receiver, to make it the source: rsyncfs target reverse NAME; "
                    + "to take it back and lose what was written to it since: rsyncfs target demote NAME",
            },
            ConnectOutcome.SplitBrain => SplitBrain(sender, target),
            ConnectOutcome.StaleSender => new(
                ErrorId.StaleSender,
                "the target has followed a newer primary; this sender is fenced"
            )
            {
                Cause = Epochs(sender, target),
                Hint =
                    "if the source was promoted since, where it was: rsyncfs target reverse NAME; to overwrite the "
                    + "newer primary's data with the source's, on the receiver: rsyncfs target adopt NAME --new-sender",
            },
            ConnectOutcome.EpochAhead => OfEpoch(sender, target),
            ConnectOutcome.SenderBehind => new(
                ErrorId.SenderBehind,
                "the target is at a later generation than the sender"
            )
            {
                Cause =
                    $"the sender's last is {sender.Cursor:N}, the target's {target.Generation:N}: "
                    + "the sender's state or its source is an older copy",
                Hint =
                    "if the source is what it should be, and the target may be made equal to it, "
                    + "on the receiver: rsyncfs target adopt NAME",
            },
            ConnectOutcome.Faulted => new(
                ErrorId.TargetFaulted,
                "a committed generation could not be applied to the target"
            )
            {
                Cause = $"since {target.ChangedAt:u}: an I/O error of its device",
                Hint =
                    "on the receiver: look at the kernel log and the device, then restart serve, which applies it again; "
                    + "to give that generation up: rsyncfs target adopt NAME",
            },
            _ => new(ErrorId.TargetReleased, "the target was released")
            {
                Cause = $"its device was given up {target.ChangedAt:u}",
                Hint = "on the receiver, to take the device back and compare it: rsyncfs target adopt NAME",
            },
        };

    /// <summary>The error for <see cref="ConnectOutcome.EpochAhead"/>; a target that was never initialised has no record.</summary>
    public static RefusedException OfEpoch(SourceLineage sender, TargetRecord? target) =>
        new(ErrorId.EpochAhead, "the sender claims an epoch that no promotes have brought it to")
        {
            Cause =
                $"it claims {sender.Epoch}, the highest seen here is {ConnectRules.HighestEpochOf(target)}, "
                + $"and more than {SourceLineage.MaxEpochStep} above that is not believed",
            Hint =
                "its state is damaged, or it lies: find out which. To begin anew with it, move its state away, where the "
                + "source is"
                + (target is null ? "" : "; then on the receiver: rsyncfs target adopt NAME --new-sender"),
        };

    private const string HowToTakeOver =
        "if this source is to take it over, on the receiver: rsyncfs target adopt NAME --new-sender; "
        + "then it is compared. If the target is local: --force";

    private static RefusedException SplitBrain(SourceLineage sender, TargetRecord target) =>
        target.Status == TargetStatus.Primary
            ? new(ErrorId.SplitBrain, "source and target were both promoted")
            {
                Cause = $"each may have writes that the other has not; {Epochs(sender, target)}",
                Hint =
                    "decide whose changes are to be lost, and there: rsyncfs target demote NAME; "
                    + "if that is the source, then on the receiver: rsyncfs target reverse NAME",
            }
            : new(ErrorId.SplitBrain, "source and target have gone on from different generations")
            {
                Cause =
                    $"neither knows the other's: the sender's is {sender.Cursor:N}, the target's {target.Generation:N}",
                Hint =
                    "if the target is to lose what the source does not have, on the receiver: rsyncfs target adopt NAME",
            };

    private static string Epochs(SourceLineage sender, TargetRecord target) =>
        $"the target's epoch is {target.Epoch}, the sender's {sender.Epoch}";
}
