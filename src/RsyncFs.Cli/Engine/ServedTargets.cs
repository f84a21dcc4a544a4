using RsyncFs.Blocks;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Commands;
using RsyncFs.Cli.Engine.Targets;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.State;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine;

/// <summary>The targets of a running receiver and the sessions on them.</summary>
/// <param name="ends">The targets; taken over.</param>
/// <param name="clock">Tells time.</param>
internal sealed class ServedTargets(IReadOnlyList<TargetEnd> ends, TimeProvider clock) : IDisposable
{
    // A lease that no session has is on its way to one, or from one: that takes no time worth naming, unless a
    // journal is applied first.
    private const int MaxAttempts = 500;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, TargetEnd> _ends = ends.ToDictionary(
        end => end.Target.Name,
        StringComparer.Ordinal
    );

    /// <summary>The targets, as sessions find them.</summary>
    public TargetCatalogue Catalogue { get; } = new(ends.Select(end => end.Target));

    /// <summary>The sessions.</summary>
    public SessionTable Sessions { get; } = new();

    /// <summary>The names of the targets.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_gate)
            {
                return [.. _ends.Keys];
            }
        }
    }

    /// <summary>Opens all targets of <paramref name="request"/>, or none.</summary>
    /// <exception cref="RsyncFsException">One can not be had, or its state can not be read. Nothing is held.</exception>
    public static ServedTargets Open(ServeRequest request, Services services)
    {
        StateOwner.Require(request.StateDirectory);
        var ends = new List<TargetEnd>();
        try
        {
            foreach (var target in request.Targets)
            {
                ends.Add(Open(target, request, services));
            }

            return new ServedTargets(ends, services.Clock);
        }
        catch
        {
            ends.ForEach(end => end.Dispose());
            throw;
        }
    }

    /// <summary>The target of that name; null if it is not served.</summary>
    public TargetEnd? Find(string name)
    {
        lock (_gate)
        {
            return _ends.GetValueOrDefault(name);
        }
    }

    /// <summary>Leases a target to a person. Waits while a sender's lease applies what an earlier session left (C9).</summary>
    /// <param name="target">The target.</param>
    /// <param name="endSession">True to end the session that has it; it has wholly ended before the lease is taken (C9).</param>
    /// <param name="hint">What to do if a session has it and is not ended.</param>
    /// <param name="cancellationToken">Ends the wait; nothing is leased. A session that was ended stays ended.</param>
    /// <exception cref="RefusedException">A session has it, or it can not be settled.</exception>
    public async Task LeaseAsync(
        Target target,
        bool endSession,
        string hint,
        CancellationToken cancellationToken
    )
    {
        var attempt = 1;
        while (true)
        {
            try
            {
                target.Lease();
                return;
            }
            catch (RefusedException busy) when (busy.Id == ErrorId.TargetBusy)
            {
                var session = Sessions.Of(target);
                if (session is not null && !endSession)
                {
                    throw BusyBy(session.Who, target, hint);
                }

                var isBeingSettled = session is null && target.IsBeingSettled;
                if (!isBeingSettled && attempt++ == MaxAttempts)
                {
                    throw;
                }

                session?.End();
                var next = session?.Completion ?? Task.Delay(Pause, clock, cancellationToken);
                await next.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Gives a leased target another name. Its device is given up for the moment in which its files move.</summary>
    /// <param name="oldPlace">The target.</param>
    /// <param name="newPlace">What it becomes.</param>
    /// <param name="move">Moves the files.</param>
    /// <param name="services">What the machine gives.</param>
    /// <exception cref="RsyncFsException">The files could not be moved, and all is as it was; or the target could not be opened again, and is not served any more.</exception>
    public void Rename(TargetPlace oldPlace, TargetPlace newPlace, Action move, Services services)
    {
        var end = Take(oldPlace.Name);
        end.Dispose();
        try
        {
            move();
        }
        finally
        {
            // A move may fail when the files are at the new place already.
            var place = Directory.Exists(oldPlace.Path) ? oldPlace : newPlace;
            Add(TargetEnd.Open(place.Name, end.DevicePath, place.Path, end.Allowed, services));
        }
    }

    /// <summary>The error for a target on which a sender is at work.</summary>
    public static RefusedException BusyBy(SessionPeer who, Target target, string hint)
    {
        var isInPlace = target.Record is { } record && record.Status.IsInconsistent();
        return new RefusedException(ErrorId.TargetBusy, "a sender is at work on the target")
        {
            Where = target.Where,
            Cause = isInPlace
                ? $"{who} writes it in place: it is INCONSISTENT until that has ended"
                : $"{who} is connected",
            Hint = isInPlace ? "wait until it has ended" : hint,
        };
    }

    private static TargetEnd Open(TargetDefinition target, ServeRequest request, Services services) =>
        TargetEnd.Open(
            target.Name,
            target.DevicePath,
            StateLayout.OfTarget(request.StateDirectory, target.Name),
            new TargetPermissions(
                target.Init switch
                {
                    InitPermission.Overwrite => InitPolicy.Overwrite,
                    InitPermission.Allow => InitPolicy.Allowed,
                    _ => InitPolicy.Refused,
                },
                request.Journal
            ),
            services
        );

    private void Add(TargetEnd end)
    {
        lock (_gate)
        {
            _ends.Add(end.Target.Name, end);
            Catalogue.Add(end.Target);
        }
    }

    private TargetEnd Take(string name)
    {
        lock (_gate)
        {
            Catalogue.Remove(name);
            return _ends.Remove(name, out var end)
                ? end
                : throw new InvalidOperationException($"{name} is not served");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var end in _ends.Values)
        {
            end.Dispose();
        }
    }
}
