using RsyncFs.Blocks;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>Makes a target the primary: its senders are fenced, and its device is given up.</summary>
/// <param name="force">True to end a session that is at work, and to promote a target that is not whole.</param>
/// <param name="services">Clock and ids.</param>
internal sealed class PromoteVerb(bool force, Services services) : RoleVerb
{
    private const string Fencing =
        "rsyncfs fences its own writes, not your application: make sure that the old primary is down (STONITH) before the device is used here";

    private string? _mismatch;

    /// <inheritdoc/>
    public override bool EndsSession => force;

    /// <inheritdoc/>
    public override (HookPoint? Before, HookPoint? After) HookPoints =>
        (HookPoint.PrePromote, HookPoint.PostPromote);

    /// <inheritdoc/>
    public override string BusyHint =>
        "wait until it has ended; --force ends it, and what it has not committed is lost";

    /// <inheritdoc/>
    public override TargetRecord Foresee(TargetRecord? record, string devicePath, IBlockDevice? held)
    {
        var known = record ?? throw TargetErrors.NeverInitialised();
        if (known.Status.HoldsDevice())
        {
            using var opened = held is null ? DeviceOpener.OpenSource(devicePath) : null;
            var device = held ?? opened!;
            Note(RoleChange.MismatchOf(known, device.StableId, device.LengthBytes));
        }

        return RoleChange.Promote(known, services.NewId(), services.Clock.GetUtcNow(), force);
    }

    /// <inheritdoc/>
    public override bool IsToChange(TargetAccess access)
    {
        var (record, target) = (access.Target.Record, access.Target);
        _ = Foresee(record, access.DevicePath, target.HoldsDevice ? target.Device : null);
        return record?.Status != TargetStatus.Primary;
    }

    /// <inheritdoc/>
    public override TargetRecord Act(TargetAccess access)
    {
        if (access.Target is { HoldsDevice: true, Record: { } record })
        {
            var device = access.Target.Device;
            Note(RoleChange.MismatchOf(record, device.StableId, device.LengthBytes));
        }

        return access.Target.Promote(force);
    }

    /// <inheritdoc/>
    public override TargetChangeDocument Describe(RoleVerbResult result)
    {
        var document = result.Document("promote", result.IsUnchanged ? "already_primary" : "promoted");
        var loss = result.After.ChangedAt - result.After.DataTime;
        return document with
        {
            LossSeconds = document.DataTime is null ? null : Math.Max(0, Math.Ceiling(loss.TotalSeconds)),
            Warnings = [.. WarningsOf(result, _mismatch)],
            Next = result.IsUnchanged ? [] : [.. NextOf(result)],
        };
    }

    /// <summary>Remembers in what the device is not the one of the copy, for a warning; only <c>--force</c> passes over it.</summary>
    /// <exception cref="RefusedException">It is not, and that is not forced.</exception>
    private void Note(RefusedException? mismatch)
    {
        if (mismatch is not null && !force)
        {
            throw mismatch;
        }

        _mismatch = mismatch is null ? null : $"{mismatch.Message}: {mismatch.Cause}";
    }

    private static IEnumerable<NextCommand> NextOf(RoleVerbResult result)
    {
        foreach (var device in DevicePaths.Split(result.DevicePath).Where(BearsFilesystem))
        {
            yield return new NextCommand(NextCommand.Here, $"mount {device} DIRECTORY");
        }

        yield return new NextCommand(
            NextCommand.Here,
            $"rsyncfs target reverse {result.Place.Name}",
            "when the old primary is back"
        );
    }

    /// <summary>False where that can not be found out: it is for a hint alone.</summary>
    private static bool BearsFilesystem(string devicePath)
    {
        try
        {
            return KnownSignature.Probe(devicePath) is { IsFilesystem: true };
        }
        catch (RsyncFsException)
        {
            return false;
        }
    }

    private static IEnumerable<string> WarningsOf(RoleVerbResult result, string? mismatch)
    {
        if (result.After.IsFuzzy)
        {
            yield return "the generation is fuzzy: it was copied from a source that was in use (--snapshot none)";
        }

        if (result.IsUnchanged)
        {
            yield break;
        }

        var was = result.Before?.Status ?? TargetStatus.Empty;
        if (was is not TargetStatus.Consistent)
        {
            yield return $"THE DEVICE IS NOT ONE WHOLE, PROVEN GENERATION. It was {TargetStatusText.Word(was)}: {TargetStatusText.Explain(TargetStatusText.Word(was))}";
        }

        if (mismatch is not null)
        {
            yield return mismatch;
        }

        yield return Fencing;
    }
}
