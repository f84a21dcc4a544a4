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
    /// <param name="record">What it is, settled: not <see cref="TargetStatus.Committed"/>.</param>
    /// <param name="generation">A fresh id: from here on it has writes of its own.</param>
    /// <param name="now">The time.</param>
    /// <param name="force">True to promote one that is not whole, or not proven.</param>
    /// <exception cref="RefusedException">It is not one whole, proven generation, and not forced. It is as it was.</exception>
    public static TargetRecord Promote(TargetRecord record, Guid generation, DateTimeOffset now, bool force)
    {
        if (record.Status == TargetStatus.Primary)
        {
            return record;
        }

        if (record.Status != TargetStatus.Consistent && !force)
        {
            throw new RefusedException(ErrorId.TargetState, "the target is not one whole, proven generation")
            {
                Cause = WhyNotPromotable(record.Status),
                Hint = "let a cycle finish, or say --force if damaged data is better than none",
            };
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

    /// <summary>A primary becomes a replica again: what was written to it since is to be overwritten.</summary>
    /// <exception cref="RefusedException">It was never promoted. It is as it was.</exception>
    public static TargetRecord Demote(TargetRecord record, DateTimeOffset now) =>
        record.Status switch
        {
            TargetStatus.Primary => record with
            {
                Status = TargetStatus.Adopted,
                Epoch = record.ReplicaEpoch,
                ReplicaEpoch = 0,
                ChangedAt = now,
            },
            TargetStatus.Released => throw new RefusedException(
                ErrorId.TargetState,
                "the target was released, not promoted"
            )
            {
                Hint = "to make it a replica again: rsyncfs target adopt NAME",
            },
            _ => record,
        };

    /// <summary>The device is given up, without becoming a primary.</summary>
    /// <exception cref="RefusedException">It is the primary. It is as it was.</exception>
    public static TargetRecord Release(TargetRecord record, DateTimeOffset now) =>
        record.Status switch
        {
            TargetStatus.Released => record,
            TargetStatus.Primary => throw new RefusedException(
                ErrorId.TargetState,
                "the target is the primary, and its device is given up already"
            )
            {
                Hint = "to make it a replica again: rsyncfs target demote NAME",
            },
            _ => record with { Status = TargetStatus.Released, ChangedAt = now, Pending = null },
        };

    /// <summary>
    /// A device whose content is to be compared, not believed: a copy made by other means, a released or diverged
    /// target, or one that gets a new sender.
    /// </summary>
    /// <param name="record">What is known; of a device that was never a target, what its copy is said to be.</param>
    /// <param name="newSender">True to take the next sender whatever its volume, and be bound to that.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="RefusedException">It is the primary. It is as it was.</exception>
    public static TargetRecord Adopt(TargetRecord record, bool newSender, DateTimeOffset now)
    {
        if (record.Status == TargetStatus.Primary)
        {
            throw new RefusedException(ErrorId.TargetState, "the target is the primary")
            {
                Hint =
                    "to make it a replica again, losing what was written to it since: rsyncfs target demote NAME",
            };
        }

        var volume = newSender ? null : record.Volume;
        if (
            record.Status.IsInconsistent()
            || (record.Status == TargetStatus.Adopted && volume == record.Volume)
        )
        {
            // One that is a mix stays marked as one; only its sender may change.
            return volume == record.Volume ? record : record with { Volume = volume, ChangedAt = now };
        }

        return record with
        {
            Status = TargetStatus.Adopted,
            Volume = volume,
            ChangedAt = now,
            Pending = null,
        };
    }

    /// <summary>The device has another size than it had, on purpose.</summary>
    /// <param name="record">What it is.</param>
    /// <param name="lengthBytes">What the device has now.</param>
    /// <param name="force">True to accept that it lost its end.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="RefusedException">It became smaller, and that is not forced; or its device is given up. It is as it was.</exception>
    public static TargetRecord Resize(TargetRecord record, long lengthBytes, bool force, DateTimeOffset now)
    {
        if (record.LengthBytes == lengthBytes)
        {
            return record;
        }

        if (lengthBytes < record.LengthBytes && !force)
        {
            throw new RefusedException(ErrorId.TargetState, "the target became smaller")
            {
                Cause = $"it had {record.LengthBytes} bytes and has {lengthBytes}",
                Hint = "if its source shrinks to the same size: add --force",
            };
        }

        // What it holds up to the old end is still what it was, and that is for a comparison to find.
        var status = record.Status is TargetStatus.Consistent ? TargetStatus.Adopted : record.Status;
        return record with { Status = status, LengthBytes = lengthBytes, ChangedAt = now, Pending = null };
    }

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
