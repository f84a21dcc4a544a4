using RsyncFs.Errors;
using RsyncFs.Targets;

namespace RsyncFs.Tests.Targets.LineageModel;

/// <summary>What people do on one machine, as the verbs do it: by <see cref="RoleChange"/>, and with the sender's state of the same device.</summary>
internal static class ModelRoles
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    /// <summary>Does it; a refusal leaves everything as it was.</summary>
    public static ModelWorld Do(ModelWorld world, ModelStep step) => Do(world, step, out _);

    /// <summary>Does it; a <paramref name="refusal"/> leaves everything as it was.</summary>
    public static ModelWorld Do(ModelWorld world, ModelStep step, out RefusedException? refusal)
    {
        refusal = null;
        try
        {
            return Apply(world, step);
        }
        catch (RefusedException refused)
        {
            refusal = refused;
            return world;
        }
    }

    private static ModelWorld Apply(ModelWorld world, ModelStep step)
    {
        var atA = step.AtA ?? throw new ArgumentOutOfRangeException(nameof(step));
        return step.Event switch
        {
            ModelEvent.Promote => Promote(world, atA, force: false),
            ModelEvent.ForcePromote => Promote(world, atA, force: true),
            ModelEvent.Demote => Demote(world, atA),
            ModelEvent.Adopt => Adopt(world, atA, newSender: false),
            ModelEvent.AdoptForNewSender => Adopt(world, atA, newSender: true),
            ModelEvent.Release => Release(world, atA),
            ModelEvent.Reverse => Reverse(world, atA),
            ModelEvent.ReverseBoth => Do(Reverse(world, atA), new ModelStep(ModelEvent.Adopt, !atA)),
            ModelEvent.Write => Write(world, atA),
            ModelEvent.RestoreSender => Restore(world, atA),
            ModelEvent.LoseSender => world.With(atA, world[atA].WithSender(sender: null)),
            _ => throw new ArgumentOutOfRangeException(nameof(step)),
        };
    }

    private static ModelWorld Promote(ModelWorld world, bool atA, bool force)
    {
        var node = world[atA];
        if (node.IsPrimary)
        {
            return world;
        }

        var next = world.NewId(out var id);
        return next.With(
            atA,
            node with
            {
                Target = RoleChange.Promote(node.Target ?? throw NeverInitialised(), id, Now, force),
                IsProtected = true,
                IsInUse = true,
            }
        );
    }

    private static ModelWorld Demote(ModelWorld world, bool atA)
    {
        var node = world[atA];
        return node.Target is null || !node.IsPrimary
            ? world
            : world.With(
                atA,
                Retire(node) with
                {
                    Target = RoleChange.Demote(node.Target, Now),
                    Discardable = node.Discardable | (node.Content & ~node.Received),
                    IsProtected = false,
                    IsInUse = false,
                }
            );
    }

    private static ModelWorld Adopt(ModelWorld world, bool atA, bool newSender)
    {
        var node = world[atA];
        var adopted = node.Target is { } record
            ? RoleChange.Adopt(record, newSender, Now)
            : RoleChange.AdoptUnknown(
                newSender ? null : CopyOf(node.Sender),
                lengthBytes: 0,
                deviceKey: default,
                Now
            );
        return world.With(
            atA,
            Retire(node) with
            {
                Target = adopted,
                Discardable = node.Content,
                IsProtected = false,
                IsInUse = false,
                FollowedEpoch = newSender ? 0 : node.FollowedEpoch,
            }
        );
    }

    private static KnownCopy? CopyOf(ModelSender? source) =>
        source is null ? null : new KnownCopy(source.Volume, source.Epoch);

    private static ModelWorld Release(ModelWorld world, bool atA)
    {
        var node = world[atA];
        return node.Target is null
            ? world
            : world.With(atA, node with { Target = RoleChange.Release(node.Target, Now), IsInUse = true });
    }

    private static ModelWorld Reverse(ModelWorld world, bool atA)
    {
        var node = world[atA];
        if (node.Target is null)
        {
            throw NeverInitialised();
        }

        var record = RoleChange.BecomeSource(node.Target);
        var lineage = RoleChange.LineageOf(record);
        var isReversed =
            node.Sender is { IsRetired: false } sender
            && sender.Volume == record.Volume
            && sender.Epoch == record.Epoch;
        var begun = record.Volume is { } volume
            ? new ModelSender(volume, lineage.Epoch) { Ancestors = lineage.Ancestors }
            : null;
        var reversed = isReversed ? node : node.WithSender(begun);
        return world.With(
            atA,
            reversed with
            {
                Target = record,
                // What is of no volume gives its epoch to nobody.
                FollowedEpoch = begun is null
                    ? node.FollowedEpoch
                    : Math.Max(node.FollowedEpoch, record.Epoch),
            }
        );
    }

    private static ModelWorld Write(ModelWorld world, bool atA)
    {
        if (!world[atA].IsInUse)
        {
            return world;
        }

        var next = world.NewWrite(out var write);
        return next.With(atA, next[atA] with { Content = next[atA].Content | write });
    }

    private static ModelWorld Restore(ModelWorld world, bool atA)
    {
        var node = world[atA];
        return node.Backups is { } backup
            ? world.With(atA, node with { Sender = backup.State, Backups = backup.Older })
            : world;
    }

    private static ModelNode Retire(ModelNode node) =>
        node.Sender is { IsRetired: false } sender ? node.WithSender(sender with { IsRetired = true }) : node;

    private static RefusedException NeverInitialised() =>
        new(ErrorId.TargetState, "never initialised") { Hint = "first: rsyncfs target adopt NAME" };
}
