using RsyncFs.Blocks;
using RsyncFs.Cli.Json;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>
/// What a verb would do, without doing it: refused where the verb would be refused. What only opening a target tells,
/// whether a journal can be applied, is taken to go well.
/// </summary>
/// <param name="view">The target.</param>
/// <param name="devicePath">Its device.</param>
/// <param name="end">It, if this process serves it.</param>
internal sealed class Foresight(TargetView view, string devicePath, TargetEnd? end)
{
    /// <summary>What <paramref name="verb"/> would do. Nothing is changed.</summary>
    /// <exception cref="RsyncFsException">It would be refused.</exception>
    public TargetChangeDocument Of(RoleVerb verb)
    {
        if (end is not null && view.Peer is { } peer && !verb.EndsSession)
        {
            throw ServedTargets.BusyBy(peer, end.Target, verb.BusyHint);
        }

        var held = end?.Target is { HoldsDevice: true } target ? target.Device : null;
        var holdsBefore = view.Record?.Status.HoldsDevice() ?? true;
        if (end is null && holdsBefore)
        {
            DeviceCheck.RequireFree(devicePath);
        }

        var before = Settled(held);
        var after = verb.Foresee(before, devicePath, held);
        if (!holdsBefore && after.Status.HoldsDevice())
        {
            DeviceCheck.RequireFree(devicePath);
        }

        return verb.Describe(
            new RoleVerbResult(view.Place, devicePath, before, after, IsDryRun: true, view.IsServed)
        );
    }

    /// <summary>What the target is as soon as it is leased: a committed generation is applied before anything else.</summary>
    private TargetRecord? Settled(IBlockDevice? held)
    {
        if (view.Record is not { Status: TargetStatus.Committed } record)
        {
            return view.Record;
        }

        using var opened = held is null ? DeviceOpener.OpenSource(devicePath) : null;
        var device = held ?? opened!;
        return record.Pending is { } pending && record.MayBeOn(device)
            ? record with
            {
                Status = TargetStatus.Consistent,
                Generation = pending.Id,
                Ancestors = SourceLineage.Push(record.Generation, record.Ancestors),
                Pending = null,
            }
            : record with
            {
                Status = TargetStatus.Faulted,
            };
    }
}
