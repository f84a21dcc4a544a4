using RsyncFs.Cli.Json;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>Makes a primary a replica again: what was written to it since it was promoted is to be overwritten.</summary>
/// <param name="stateDirectory">The state directory.</param>
/// <param name="clock">Tells time.</param>
internal sealed class DemoteVerb(string stateDirectory, TimeProvider clock) : RoleVerb
{
    /// <inheritdoc/>
    public override TargetRecord Foresee(TargetRecord? record, string devicePath, bool isHeld)
    {
        var known = record ?? throw TargetErrors.NeverInitialised();
        var demoted = RoleChange.Demote(known, clock.GetUtcNow());
        if (demoted != known)
        {
            DeviceCheck.Require(record, devicePath);
            DeviceCheck.RequireFree(devicePath);
        }

        return demoted;
    }

    /// <inheritdoc/>
    public override TargetRecord Act(TargetAccess access)
    {
        DeviceCheck.Require(access.Target.Record, access.DevicePath);

        // Held while the role changes: no sync of the device begins between the two.
        using var sources = KnownSources.Open(stateDirectory, access.DevicePath);
        var demoted = access.Target.Demote();
        sources.Retire();
        return demoted;
    }

    /// <inheritdoc/>
    public override TargetChangeDocument Describe(RoleVerbResult result)
    {
        var document = result.Document("demote", result.IsUnchanged ? "already_replica" : "demoted");
        return result.IsUnchanged
            ? document
            : document with
            {
                Warnings =
                [
                    "what was written to the device since it was promoted is overwritten by the next cycle",
                ],
                Next = result.NextServe(),
            };
    }
}
