using RsyncFs.Blocks;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Json;
using RsyncFs.Errors;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>
/// Makes the device of a primary a source: it is the same volume, in its new epoch, so that the old primary is given
/// only what differs.
/// </summary>
/// <param name="stateDirectory">The state directory.</param>
internal sealed class ReverseVerb(string stateDirectory) : RoleVerb
{
    private bool _wasReversed;

    /// <inheritdoc/>
    public override TargetRecord Foresee(TargetRecord? record, string devicePath, bool isHeld)
    {
        _wasReversed = IsReversed(Require(record), LockedSource.Look(stateDirectory, devicePath));
        return record!;
    }

    /// <inheritdoc/>
    public override TargetRecord Act(TargetAccess access)
    {
        var record = Require(access.Target.Record);
        using var source = LockedSource.Open(stateDirectory, access.DevicePath);
        _wasReversed = IsReversed(record, source.State);
        // First the fence, so that no demote lets the old sender in once others have followed this one.
        var lineage = access.Target.BecomeSource();
        if (!_wasReversed)
        {
            source.State.Become(record.Volume!, lineage.Epoch, lineage.Ancestors);
        }

        return access.Target.Record!;
    }

    /// <inheritdoc/>
    public override TargetChangeDocument Describe(RoleVerbResult result) =>
        result.Document("reverse", _wasReversed ? "already_reversed" : "reversed") with
        {
            Volume = VolumeEntry.Of(result.After.Volume!),
            Warnings =
            [
                "on the old primary, what was written there and never came here is overwritten: save it first if it matters",
            ],
            Next = result.Place.IsLocal ? NextLocal(result) : NextRemote(result),
        };

    private static TargetRecord Require(TargetRecord? record)
    {
        if (record is not { Status: TargetStatus.Primary })
        {
            throw new RefusedException(ErrorId.TargetState, "the target is not the primary")
            {
                Cause = "only what was promoted can become a source for the other direction",
                Hint = "rsyncfs target promote NAME",
            };
        }

        return record.Volume is null
            ? throw new RefusedException(
                ErrorId.TargetState,
                "it is not known which volume the target is a copy of"
            )
            {
                Cause = "it was promoted before any sender had come",
                Hint = "begin anew, with init=overwrite at the target: rsyncfs sync DEVICE TARGET",
            }
            : record;
    }

    private static bool IsReversed(TargetRecord record, SourceState? source) =>
        source is { IsRetired: false } && source.Volume == record.Volume && source.Epoch == record.Epoch;

    private static IReadOnlyList<NextCommand> NextRemote(RoleVerbResult result)
    {
        var name = result.Place.Name;
        return
        [
            new NextCommand("old primary", $"rsyncfs target adopt --overwrite {name}=DEVICE"),
            new NextCommand(
                "old primary",
                $"rsyncfs serve --listen :{HostAndPort.DefaultPort} --allow-plaintext --target {name}=DEVICE"
            ),
            new NextCommand(
                "here",
                $"rsyncfs sync --allow-plaintext {result.DevicePath} rsyncfs+tcp://OLD-PRIMARY/{name}"
            ),
        ];
    }

    private static IReadOnlyList<NextCommand> NextLocal(RoleVerbResult result) =>
        [
            new NextCommand("here", "rsyncfs target adopt --overwrite SOURCE"),
            new NextCommand("here", $"rsyncfs sync {result.DevicePath} SOURCE"),
        ];
}
