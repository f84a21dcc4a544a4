using RsyncFs.Blocks;
using RsyncFs.Errors;

namespace RsyncFs.Targets;

/// <summary>
/// What a person may make of a target, as pure functions from what it is to what it becomes. Each is idempotent: a
/// target that is there already stays as it is.
/// </summary>
public static class RoleChange
{
    /// <summary>The target becomes the primary: a new lineage, in a new epoch that fences its senders.</summary>
    /// <param name="record">What it is.</param>
    /// <param name="generation">A fresh id: from here on it has writes of its own.</param>
    /// <param name="now">The time.</param>
    /// <param name="force">True to promote one that is not whole, or not proven.</param>
    /// <exception cref="RefusedException">It is not one whole, proven generation, and not forced; or it is not settled; or there is no higher epoch. It is as it was.</exception>
    public static TargetRecord Promote(TargetRecord record, Guid generation, DateTimeOffset now, bool force)
    {
        EnsureSettled(record);
        if (record.Status == TargetStatus.Primary)
        {
            return record;
        }

        if (record.Status != TargetStatus.Consistent && !force)
        {
            throw Refuse(
                "the target is not one whole, proven generation",
                WhyNotPromotable(record.Status),
                "let a cycle finish; or, if damaged or unproven data is better than none: rsyncfs target promote NAME --force"
            );
        }

        if (ConnectRules.HighestEpochOf(record) >= SourceLineage.MaxEpoch)
        {
            // No honest history and no claim of a sender comes here (ConnectRules): only a state that was made up.
            throw Refuse(
                "the epoch of the target can go no higher",
                $"it is {SourceLineage.MaxEpoch}",
                "move its state directory away, and take the device in anew: rsyncfs target adopt NAME=DEVICE"
            );
        }

        var epoch = Math.Max(record.HighestEpoch, record.Epoch) + 1;
        return record with
        {
            Status = TargetStatus.Primary,
            Epoch = epoch,
            HighestEpoch = epoch,
            ReplicaEpoch = record.Epoch,
            Generation = generation,
            Ancestors = SourceLineage.Push(record.Generation, record.Ancestors),
            Root = default,
            ChangedAt = now,
            Pending = null,
        };
    }

    /// <summary>Why a whole generation is not promoted on this device: it is another than the copy's, which may bear its name after a reboot.</summary>
    /// <param name="record">What the target is.</param>
    /// <param name="stableId">What names the device that is there now.</param>
    /// <param name="lengthBytes">Bytes of it.</param>
    /// <returns>That it is another device (<see cref="ErrorId.TargetReplaced"/>), or has another length (<see cref="ErrorId.TargetResized"/>); null if neither is so.</returns>
    public static RefusedException? MismatchOf(TargetRecord record, string stableId, long lengthBytes)
    {
        if (record.Status != TargetStatus.Consistent)
        {
            return null;
        }

        if (!record.MayBeOn(stableId))
        {
            return new RefusedException(
                ErrorId.TargetReplaced,
                "the target's device is not the one of its copy"
            )
            {
                Cause = $"its copy was made on another device than {stableId}",
                Hint = "attach the device that it was, and say it again",
            };
        }

        if (lengthBytes != record.LengthBytes)
        {
            var isLarger = lengthBytes > record.LengthBytes;
            return new RefusedException(
                ErrorId.TargetResized,
                isLarger
                    ? "the target's device is larger than its copy"
                    : "the target's device is smaller than its copy"
            )
            {
                Cause =
                    $"its copy has {record.LengthBytes} bytes, the device {lengthBytes}: "
                    + (isLarger ? "the copy is whole, at its begin" : "the end of the copy is lost"),
                Hint = isLarger
                    ? "to promote it as it is: rsyncfs target promote NAME --force; to let its source, grown as well, go on with it: rsyncfs target resize NAME"
                    : "make the device as large as it was, and say it again; or, if a copy without its end is better than none: rsyncfs target promote NAME --force",
            };
        }

        return null;
    }

    /// <summary>
    /// A primary becomes a replica again: what was written to it since is to be overwritten, what its sender had
    /// brought before is not given up.
    /// </summary>
    /// <remarks>
    /// Its old sender may go on, unless the primary was a source (<see cref="BecomeSource"/>): then others have followed
    /// it, the fence of its epoch stays, and it is at none of its sender's generations any more.
    /// </remarks>
    /// <param name="record">What it is.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="RefusedException">It was released. It is as it was.</exception>
    public static TargetRecord Demote(TargetRecord record, DateTimeOffset now) =>
        record.Status switch
        {
            TargetStatus.Primary when WasSource(record) => Unproven(record, Guid.Empty, [], now),
            TargetStatus.Primary => Unproven(
                record,
                record.Ancestors is [var promotedAt, ..] ? promotedAt : Guid.Empty,
                [.. record.Ancestors.Skip(1)],
                now
            ),
            TargetStatus.Released => throw Refuse(
                "the target was released, not promoted",
                $"its device was given up {record.ChangedAt:u}",
                "to make it a replica again: rsyncfs target adopt NAME"
            ),
            _ => record,
        };

    /// <summary>
    /// The primary is about to be replicated to others, which will take its epoch and its lineage. From then on a
    /// demote alone does not let its old sender in again.
    /// </summary>
    /// <remarks>One that was never bound to a volume is a new source: its sender begins without a state.</remarks>
    /// <param name="record">What it is.</param>
    /// <exception cref="RefusedException">It is not the primary. It is as it was.</exception>
    public static TargetRecord BecomeSource(TargetRecord record)
    {
        if (record.Status != TargetStatus.Primary)
        {
            throw Refuse(
                "the target is not the primary",
                $"it is {record.Status}, and only what was promoted can be the source",
                "first: rsyncfs target promote NAME"
            );
        }

        return WasSource(record) ? record : record with { ReplicaEpoch = record.Epoch };
    }

    /// <summary>What the sender of a primary knows: its epoch, and every generation that it came from.</summary>
    /// <param name="primary">What the target is: promoted.</param>
    public static SourceLineage LineageOf(TargetRecord primary) =>
        new(primary.Epoch, Guid.Empty, Guid.Empty, SourceLineage.Push(primary.Generation, primary.Ancestors));

    /// <summary>The device is given up, without becoming a primary.</summary>
    /// <param name="record">What it is.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="RefusedException">It is the primary, or not settled. It is as it was.</exception>
    public static TargetRecord Release(TargetRecord record, DateTimeOffset now)
    {
        EnsureSettled(record);
        return record.Status switch
        {
            TargetStatus.Released => record,
            TargetStatus.Primary => throw Refuse(
                "the target is the primary, and its device is given up already",
                $"it was promoted {record.ChangedAt:u}",
                "to make it a replica again: rsyncfs target demote NAME"
            ),
            _ => record with { Status = TargetStatus.Released, ChangedAt = now, Pending = null },
        };
    }

    /// <summary>
    /// A device whose content is to be compared, not believed: a copy made by other means, a released or diverged
    /// target, or one that gets a new sender. What it was at is forgotten, so that a sender of its volume may
    /// overwrite it whatever generation it comes with; its epoch still fences older primaries.
    /// </summary>
    /// <param name="record">What is known; of a device that was never a target, what its copy is said to be.</param>
    /// <param name="newSender">True to take the next sender whatever its volume and epoch, and be bound to that.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="RefusedException">It is the primary, or not settled. It is as it was.</exception>
    public static TargetRecord Adopt(TargetRecord record, bool newSender, DateTimeOffset now)
    {
        EnsureSettled(record);
        if (record.Status == TargetStatus.Primary)
        {
            throw Refuse(
                "the target is the primary",
                $"it was promoted {record.ChangedAt:u}, and may have been written since",
                "to make it a replica again, losing what was written to it since: rsyncfs target demote NAME"
            );
        }

        var adopted = record with
        {
            // One that is a mix stays marked as one.
            Status = record.Status.IsInconsistent() ? record.Status : TargetStatus.Adopted,
            Volume = newSender ? null : record.Volume,
            Generation = Guid.Empty,
            Ancestors = [],
            Root = default,
            Pending = null,
        };
        return adopted == record ? record : adopted with { ChangedAt = now };
    }

    /// <summary>
    /// A device that was never a target and bears a copy made by other means: a comparison finds what it is at, so it
    /// has no generation.
    /// </summary>
    /// <param name="copy">What it is said to be a copy of; null if that is not known, and the next sender is taken.</param>
    /// <param name="lengthBytes">What the device has.</param>
    /// <param name="deviceKey">What names the device itself; see <see cref="KnownDevice.KeyOf"/>.</param>
    /// <param name="now">The time.</param>
    public static TargetRecord AdoptUnknown(
        KnownCopy? copy,
        long lengthBytes,
        Guid deviceKey,
        DateTimeOffset now
    )
    {
        var epoch = copy?.Epoch ?? SourceLineage.FirstEpoch;
        return new TargetRecord
        {
            Status = TargetStatus.Adopted,
            Volume = copy?.Volume,
            LengthBytes = lengthBytes,
            DeviceKey = deviceKey,
            Epoch = epoch,
            HighestEpoch = epoch,
            ChangedAt = now,
        };
    }

    /// <summary>Another device takes the place of the one that a target was on: nothing of what was known of its content holds.</summary>
    /// <param name="record">What the target becomes; its content is to be compared.</param>
    /// <param name="deviceKey">What names the device itself; see <see cref="KnownDevice.KeyOf"/>.</param>
    /// <param name="lengthBytes">What the device has.</param>
    public static TargetRecord OnNewDevice(TargetRecord record, Guid deviceKey, long lengthBytes) =>
        record with
        {
            DeviceKey = deviceKey,
            LengthBytes = lengthBytes,
            Generation = Guid.Empty,
            Ancestors = [],
            Root = default,
        };

    /// <summary>The device has another size than it had, on purpose.</summary>
    /// <param name="record">What it is.</param>
    /// <param name="lengthBytes">What the device has now.</param>
    /// <param name="force">True to accept that it lost its end.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="RefusedException">It became smaller, and that is not forced; or its device is given up; or a generation is yet to be applied. It is as it was.</exception>
    public static TargetRecord Resize(TargetRecord record, long lengthBytes, bool force, DateTimeOffset now)
    {
        EnsureSettled(record);
        if (!record.Status.HoldsDevice())
        {
            throw Refuse(
                "the device of the target is given up",
                $"it is {record.Status} since {record.ChangedAt:u}",
                record.Status == TargetStatus.Primary
                    ? "a primary has the size of its device; as a replica: rsyncfs target demote NAME"
                    : "first: rsyncfs target adopt NAME"
            );
        }

        if (record.LengthBytes == lengthBytes)
        {
            return record;
        }

        if (record.Status == TargetStatus.Faulted)
        {
            throw Refuse(
                "a committed generation could not be applied to the target",
                "it was made for the size that the device had",
                "restart serve with the device as it was; to give that generation up: rsyncfs target adopt NAME"
            );
        }

        if (lengthBytes < record.LengthBytes && !force)
        {
            throw Refuse(
                "the target became smaller",
                $"it had {record.LengthBytes} bytes and has {lengthBytes}",
                "if its source shrinks to the same size: rsyncfs target resize NAME --force"
            );
        }

        // What it holds up to the old end is still what it was, and that is for a comparison to find.
        var status = record.Status is TargetStatus.Consistent ? TargetStatus.Adopted : record.Status;
        return record with { Status = status, LengthBytes = lengthBytes, ChangedAt = now, Pending = null };
    }

    /// <summary>A primary whose epoch others may have taken: it has no epoch of a replica to go back to.</summary>
    private static bool WasSource(TargetRecord primary) => primary.ReplicaEpoch == primary.Epoch;

    private static TargetRecord Unproven(
        TargetRecord primary,
        Guid generation,
        IReadOnlyList<Guid> ancestors,
        DateTimeOffset now
    ) =>
        primary with
        {
            Status = TargetStatus.Adopted,
            Epoch = primary.ReplicaEpoch,
            ReplicaEpoch = 0,
            Generation = generation,
            Ancestors = ancestors,
            ChangedAt = now,
        };

    /// <summary>A generation that is committed can not be lost, so nothing is decided before it is applied (C9).</summary>
    /// <remarks>
    /// No verb comes here with such a record, because whoever leases a target gets it settled. This keeps the functions
    /// right for every state, as FORMATS.md and RoleChangeTests have them.
    /// </remarks>
    private static void EnsureSettled(TargetRecord record)
    {
        if (record.Status == TargetStatus.Committed)
        {
            throw Refuse(
                "a committed generation is still being applied to the target",
                $"generation {record.Pending?.Id:N} is durable in its journal",
                "wait until it is applied, and say it again; after a crash, 'rsyncfs serve' applies it when it starts"
            );
        }
    }

    private static RefusedException Refuse(string message, string cause, string hint) =>
        new(ErrorId.TargetState, message) { Cause = cause, Hint = hint };

    private static string WhyNotPromotable(TargetStatus status) =>
        status switch
        {
            TargetStatus.Initializing => "its first copy did not end",
            TargetStatus.Direct => "an update in place did not end: it is a mix of two generations",
            TargetStatus.Faulted => "a committed generation could not be applied to it",
            TargetStatus.Diverged => "it was found to differ from the generation that it should be",
            TargetStatus.Adopted => "nobody has compared it yet",
            TargetStatus.Released => "it was released, and may have been written since",
            _ => $"it is {status}",
        };
}
