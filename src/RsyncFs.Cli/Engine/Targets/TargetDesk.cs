using RsyncFs.Blocks;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Json;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.Linux.State;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>
/// Carries out what a person asks of targets: in the receiver that serves them, or in the process of the verb itself
/// on the files of a state directory, with their locks. One request at a time for each target.
/// </summary>
/// <param name="stateDirectory">The state directory.</param>
/// <param name="socketPath">Where the receiver of that directory would answer, for an error.</param>
/// <param name="services">What the machine gives.</param>
/// <param name="served">The targets of the receiver that this is; null if this is none.</param>
internal sealed class TargetDesk(
    string stateDirectory,
    string socketPath,
    Services services,
    ServedTargets? served
)
{
    // Whether a device is another target already is asked of all targets: two that are new are not taken in at once.
    private const string AnyNewDevice = "a new device";

    private readonly TargetTurns _turns = new();

    /// <summary>What is run when a target becomes something else; null for nothing.</summary>
    public TargetHooks? Hooks { get; init; }

    /// <summary>Carries out <paramref name="request"/>.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Ends a wait for the target. What has begun is carried to its end.</param>
    /// <exception cref="RsyncFsException">It is not possible, or did not succeed; the error says in what state it left the target.</exception>
    public async Task<ControlDocument> ExecuteAsync(
        ControlRequest request,
        CancellationToken cancellationToken
    )
    {
        RefuseOtherState(request);
        if (request.Verb == ControlVerb.List)
        {
            return TargetReport.List(stateDirectory, Views(), services.Clock.GetUtcNow());
        }

        var place = TargetPlace.Of(stateDirectory, request.Target ?? "");
        if (request.Verb == ControlVerb.Show)
        {
            return TargetReport.Show(Look(place), services.Clock.GetUtcNow());
        }

        using var turn = await _turns.TakeAsync(TurnsOf(place, request), cancellationToken);
        return await ChangeAsync(place, request, cancellationToken);
    }

    private IEnumerable<string> TurnsOf(TargetPlace place, ControlRequest request)
    {
        yield return place.Path;
        if (request.Verb == ControlVerb.Rename)
        {
            yield return TargetPlace.Of(stateDirectory, request.NewName ?? "").Path;
        }

        if (request.Verb == ControlVerb.Adopt)
        {
            yield return AnyNewDevice;
        }
    }

    private Task<TargetChangeDocument> ChangeAsync(
        TargetPlace place,
        ControlRequest request,
        CancellationToken cancellationToken
    )
    {
        return request.Verb switch
        {
            ControlVerb.Rename => RenameAsync(place, request, cancellationToken),
            ControlVerb.Promote => With(new PromoteVerb(request.Force, services)),
            ControlVerb.Demote => With(new DemoteVerb(request.Force, stateDirectory, services.Clock)),
            ControlVerb.Reverse => With(new ReverseVerb(stateDirectory, request.Source)),
            ControlVerb.Adopt => With(new AdoptVerb(request, stateDirectory, services.Clock)),
            ControlVerb.Release => With(new ReleaseVerb(services.Clock)),
            ControlVerb.Resize => With(new ResizeVerb(request.Force, services.Clock)),
            _ => throw UsageError.Of($"verb {request.Verb} is not known to this receiver", hint: null),
        };

        Task<TargetChangeDocument> With(RoleVerb verb) =>
            ChangeRoleAsync(place, verb, request, cancellationToken);
    }

    private async Task<TargetChangeDocument> ChangeRoleAsync(
        TargetPlace place,
        RoleVerb verb,
        ControlRequest request,
        CancellationToken cancellationToken
    )
    {
        var view = request.Verb == ControlVerb.Adopt ? WithServed(TargetView.Read(place)) : Look(place);
        if (view.Error is { } unreadable)
        {
            throw unreadable;
        }

        var path = DeviceOf(view, request);
        if (request.Verb == ControlVerb.Adopt && view.Record is null)
        {
            RefuseOtherTarget(view.Place, path);
        }

        try
        {
            return request.DryRun
                ? Foresee(view, path, verb)
                : await ActAsync(view, path, verb, cancellationToken);
        }
        catch (RefusedException refusal)
        {
            throw TargetErrors.Named(refusal, place.Name, $"{place.Name} → {path}");
        }
    }

    private TargetChangeDocument Foresee(TargetView view, string path, RoleVerb verb)
    {
        var end = served?.Find(view.Place.Name);
        using var whole = end is null && view.Place.Exists ? LockOf(view.Place) : null;
        return new Foresight(view, path, end).Of(verb);
    }

    private async Task<TargetChangeDocument> ActAsync(
        TargetView view,
        string path,
        RoleVerb verb,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var result = await AcquireAndActAsync(view.Place, path, verb, cancellationToken);
            // When its device is given up: they may be what uses it.
            await RunHooksAsync(verb.HookPoints.After, result.Place, result.After, cancellationToken);
            return verb.Describe(result);
        }
        finally
        {
            view.Place.RemoveLeftover();
        }
    }

    private async Task<RoleVerbResult> AcquireAndActAsync(
        TargetPlace place,
        string path,
        RoleVerb verb,
        CancellationToken cancellationToken
    )
    {
        using var access = await AcquireAsync(place, path, verb, cancellationToken);
        var before = access.Target.Record;
        if (verb.HookPoints.Before is { } point && verb.IsToChange(access))
        {
            await RunHooksAsync(point, place, before, cancellationToken);
        }

        return new RoleVerbResult(place, path, before, verb.Act(access), IsDryRun: false, access.IsServed);
    }

    private Task RunHooksAsync(
        HookPoint? point,
        TargetPlace place,
        TargetRecord? record,
        CancellationToken cancellationToken
    ) =>
        point is { } there && Hooks is not null
            ? Hooks.RunAsync(there, place.Name, record?.Generation ?? Guid.Empty, cancellationToken)
            : Task.CompletedTask;

    private async Task<TargetAccess> AcquireAsync(
        TargetPlace place,
        string path,
        RoleVerb verb,
        CancellationToken cancellationToken
    )
    {
        if (served?.Find(place.Name) is { } end)
        {
            await served.LeaseAsync(end.Target, verb.EndsSession, verb.BusyHint, cancellationToken);
            return new TargetAccess(end, isServed: true);
        }

        try
        {
            return TargetAccess.Open(place, path, services);
        }
        catch (RefusedException held) when (held.Id == ErrorId.Locked)
        {
            throw TargetErrors.Locked(held, socketPath);
        }
    }

    private async Task<TargetChangeDocument> RenameAsync(
        TargetPlace place,
        ControlRequest request,
        CancellationToken cancellationToken
    )
    {
        var work = new RenameWork(stateDirectory, request);
        if (served?.Find(place.Name) is null && work.IsDone(place))
        {
            if (!request.DryRun)
            {
                work.Finish();
            }

            return work.Describe(WithServed(TargetView.Read(work.Target)), isDone: true);
        }

        var view = Look(place);
        work.Require(place, isTaken: served?.Find(work.Target.Name) is not null);
        if (served?.Find(place.Name) is { } end)
        {
            const string BusyHint = "wait until it has ended";
            if (request.DryRun)
            {
                return view.Peer is { } peer
                    ? throw ServedTargets.BusyBy(peer, end.Target, BusyHint)
                    : work.Describe(view, isDone: false);
            }

            await served.LeaseAsync(end.Target, endSession: false, BusyHint, cancellationToken);
            served.Rename(place, work.Target, () => work.Move(place), services);
            return work.Describe(view, isDone: false);
        }

        // Nobody opens the target while its files move; the lock's file moves along.
        using (LockOf(place))
        {
            if (!request.DryRun)
            {
                work.Move(place);
            }
        }

        return work.Describe(view, isDone: false);
    }

    private StateLock LockOf(TargetPlace place)
    {
        try
        {
            return StateLock.Take(place.Path);
        }
        catch (RefusedException held) when (held.Id == ErrorId.Locked)
        {
            throw TargetErrors.Locked(held, socketPath);
        }
    }

    /// <summary>A device is one target: under two names, one would write behind the other's back.</summary>
    private void RefuseOtherTarget(TargetPlace place, string devicePath)
    {
        var other = Views()
            .Find(view =>
                !string.Equals(view.Place.Path, place.Path, StringComparison.Ordinal)
                && view.Record is null or { Status: not TargetStatus.Released }
                && view.DevicePath is { } known
                && DeviceOpener.AreSame(known, devicePath)
            );
        if (other is not null)
        {
            throw new RefusedException(ErrorId.TargetState, "the device is another target already")
            {
                Where = $"{place.Name} → {devicePath}",
                Cause = $"it is {other.Place.Name}",
                Hint =
                    $"rsyncfs target rename {other.Place.Name} {place.Name}; or "
                    + (
                        other.Record?.Status == TargetStatus.Primary
                            ? $"make that a replica: rsyncfs target demote {other.Place.Name} (--force if its device was lost, and this one lies where that was)"
                            : "release that first"
                    ),
            };
        }
    }

    /// <summary>The device that is meant: what was said, or else what is known.</summary>
    private string DeviceOf(TargetView view, ControlRequest request)
    {
        if (request.Device is not { } said)
        {
            return view.DevicePath ?? throw TargetErrors.NoDevice(view.Place, stateDirectory);
        }

        var device = Path.GetFullPath(said);
        if (view.IsServed && !DeviceOpener.AreSame(device, view.DevicePath!))
        {
            throw new RefusedException(
                ErrorId.TargetReplaced,
                "the receiver serves another device as this target"
            )
            {
                Where = view.Place.Name,
                Cause = $"it serves {view.DevicePath}, and {device} was asked for",
                Hint = "choose another name, or restart 'rsyncfs serve' with this device",
            };
        }

        return device;
    }

    private TargetView Look(TargetPlace place)
    {
        var view = WithServed(TargetView.Read(place));
        return view.IsServed || place.Exists ? view : throw place.Unknown(stateDirectory);
    }

    private List<TargetView> Views()
    {
        var names = served?.Names ?? [];
        var places = TargetPlace
            .All(stateDirectory)
            .Where(place => place.Exists || names.Contains(place.Name, StringComparer.Ordinal));
        return [.. places.Select(place => WithServed(TargetView.Read(place)))];
    }

    private TargetView WithServed(TargetView view)
    {
        if (served?.Find(view.Place.Name) is not { } end)
        {
            return view;
        }

        return view with
        {
            Record = end.Target.Record,
            Device = new KnownDevice(end.DevicePath, view.Device?.StableId ?? ""),
            Error = null,
            IsServed = true,
            Peer = served.Sessions.Of(end.Target)?.Who,
        };
    }

    private void RefuseOtherState(ControlRequest request)
    {
        if (
            request.StateDirectory is { } meant
            && !string.Equals(meant, stateDirectory, StringComparison.Ordinal)
        )
        {
            throw new RefusedException(ErrorId.TargetState, "the receiver has another state directory")
            {
                Where = socketPath,
                Cause = $"it keeps its state in {stateDirectory}, and {meant} was asked for",
                Hint = "leave --state or --socket out, so that they do not contradict each other",
            };
        }
    }
}
