using RsyncFs.Blocks;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Json;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Sources;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>
/// Makes the device of a primary a source: it is the same volume, in its new epoch, so that the old primary is given
/// only what differs.
/// </summary>
/// <param name="stateDirectory">The state directory.</param>
/// <param name="source">The path from which it will be sent; null if that is the device's.</param>
internal sealed class ReverseVerb(string stateDirectory, string? source) : RoleVerb
{
    // The old primary's own record decides: adopt does not take a primary in, and demote nothing that was never one.
    private const string NeverPromotedThere = "if it was never promoted there";
    private const string PromotedThere = "if it was promoted there ('target list' says primary)";

    private bool _wasReversed;

    /// <inheritdoc/>
    public override TargetRecord Foresee(TargetRecord? record, string devicePath, IBlockDevice? held)
    {
        var primary = Require(record);
        using var sender = LockedSource.TryOpen(stateDirectory, source ?? devicePath);
        _wasReversed = IsReversed(primary, sender?.State);
        return primary;
    }

    /// <inheritdoc/>
    public override TargetRecord Act(TargetAccess access)
    {
        var record = Require(access.Target.Record);
        using var sender = LockedSource.Open(stateDirectory, source ?? access.DevicePath);
        _wasReversed = IsReversed(record, sender.State);
        // First the fence, so that no demote lets the old sender in once others have followed this one.
        var lineage = access.Target.BecomeSource();
        if (!_wasReversed)
        {
            sender.State.Become(record.Volume!, lineage.Epoch, lineage.Ancestors);
        }

        return access.Target.Record!;
    }

    /// <inheritdoc/>
    public override TargetChangeDocument Describe(RoleVerbResult result) =>
        result.Document("reverse", _wasReversed ? "already_reversed" : "reversed") with
        {
            Changed = !_wasReversed || !result.IsUnchanged,
            Volume = VolumeEntry.Of(result.After.Volume!),
            Warnings =
            [
                "on the old primary, what was written there and never came here is overwritten: save it first if it matters",
            ],
            Next = result.Place.IsLocal ? NextLocal(result.DevicePath) : NextRemote(result),
        };

    private static TargetRecord Require(TargetRecord? record)
    {
        if (record is null)
        {
            throw TargetErrors.NeverInitialised();
        }

        if (record.Status != TargetStatus.Primary)
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

    private static bool IsReversed(TargetRecord record, SourceState? state) =>
        state is { IsRetired: false } && state.Volume == record.Volume && state.Epoch == record.Epoch;

    private IReadOnlyList<NextCommand> NextRemote(RoleVerbResult result)
    {
        var name = result.Place.Name;
        return
        [
            new NextCommand(
                "old primary",
                $"rsyncfs target adopt --overwrite {name}=DEVICE",
                NeverPromotedThere
            ),
            new NextCommand("old primary", $"rsyncfs target demote {name}", PromotedThere),
            new NextCommand(
                "old primary",
                $"rsyncfs peer allow HERE {name}=write,verify",
                "HERE is what it calls this machine: rsyncfs peer list"
            ),
            new NextCommand(
                "old primary",
                $"rsyncfs serve --listen :{HostAndPort.DefaultPort} --target {name}=DEVICE"
            ),
            new NextCommand(
                "here",
                $"rsyncfs sync {source ?? result.DevicePath} {TcpDestination.TlsScheme}://OLD-PRIMARY/{name}"
            ),
        ];
    }

    private IReadOnlyList<NextCommand> NextLocal(string devicePath) =>
        [
            new NextCommand("here", "rsyncfs target adopt --overwrite SOURCE", NeverPromotedThere),
            new NextCommand("here", "rsyncfs target demote SOURCE", PromotedThere),
            new NextCommand("here", $"rsyncfs sync {source ?? devicePath} SOURCE"),
        ];
}
