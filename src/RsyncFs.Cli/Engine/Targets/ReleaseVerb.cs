using RsyncFs.Blocks;
using RsyncFs.Cli.Json;
using RsyncFs.Devices;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>Gives a target's device up, without making it the primary.</summary>
/// <param name="clock">Tells time.</param>
internal sealed class ReleaseVerb(TimeProvider clock) : RoleVerb
{
    /// <inheritdoc/>
    public override TargetRecord Foresee(TargetRecord? record, string devicePath, IBlockDevice? held) =>
        RoleChange.Release(record ?? throw TargetErrors.NeverInitialised(), clock.GetUtcNow());

    /// <inheritdoc/>
    public override TargetRecord Act(TargetAccess access) => access.Target.GiveUp();

    /// <inheritdoc/>
    public override TargetChangeDocument Describe(RoleVerbResult result)
    {
        var document = result.Document("release", result.IsUnchanged ? "already_released" : "released");
        if (result.IsUnchanged)
        {
            return document;
        }

        var wasInconsistent = result.Before is { } before && before.Status.IsInconsistent();
        return document with
        {
            Warnings = wasInconsistent
                ? ["THE DEVICE IS A MIX OF TWO GENERATIONS: its content is of no use"]
                : [],
            Next = [new NextCommand("here", $"rsyncfs target adopt {result.Place.Name}")],
        };
    }
}
