using RsyncFs.Protocol;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine;

/// <summary>The sessions that a receiver has. For several threads.</summary>
internal sealed class SessionTable
{
    private readonly Lock _gate = new();
    private readonly HashSet<ServeSession> _sessions = [];

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _sessions.Count;
            }
        }
    }

    /// <summary>How many of them have a target.</summary>
    public int CountWithTarget
    {
        get
        {
            lock (_gate)
            {
                return CountTargets();
            }
        }
    }

    /// <summary>
    /// Notes that the sender called <paramref name="node"/> got <paramref name="target"/>, unless as many as there may
    /// be have one: of those that come together no more than that.
    /// </summary>
    public bool TryGot(ServeSession session, Target target, Purpose purpose, string node)
    {
        lock (_gate)
        {
            if (CountTargets() >= ReceptionLimits.MaxSessionCount)
            {
                return false;
            }

            session.Got(target, purpose, node);
            return true;
        }
    }

    /// <summary>Lets the connection of <paramref name="session"/> stay for another, unless as many as may stay do.</summary>
    public bool TryKeep(ServeSession session)
    {
        lock (_gate)
        {
            if (_sessions.Count(other => other.IsKept) >= ReceptionLimits.MaxKeptCount)
            {
                return false;
            }

            session.Keep();
            return true;
        }
    }

    /// <summary>Begins a session that is <paramref name="serve"/>; it is here until that has completed.</summary>
    public void Begin(ServeSession session, Func<ServeSession, Task> serve)
    {
        lock (_gate)
        {
            _sessions.Add(session);
            session.Completion = RunAsync(session, serve);
        }
    }

    /// <summary>The session that has <paramref name="target"/>; null if none has.</summary>
    public ServeSession? Of(Target target)
    {
        lock (_gate)
        {
            return _sessions.FirstOrDefault(session => ReferenceEquals(session.Target, target));
        }
    }

    /// <summary>What those that have a connection are at.</summary>
    public IReadOnlyList<PresentSession> Present(TimeProvider clock)
    {
        lock (_gate)
        {
            return [.. _sessions.Select(session => session.Present(clock)).OfType<PresentSession>()];
        }
    }

    /// <summary>Ends all that <paramref name="isToEnd"/> picks; gives them.</summary>
    public IReadOnlyList<ServeSession> End(Func<ServeSession, bool> isToEnd)
    {
        List<ServeSession> all;
        lock (_gate)
        {
            all = [.. _sessions];
        }

        // Not under the lock: to say what somebody may do, a list may have to be read.
        var ended = all.FindAll(session => isToEnd(session));
        ended.ForEach(session => session.End());
        return ended;
    }

    /// <summary>Completes when all that are here now have ended.</summary>
    public Task WhenAllEnded()
    {
        lock (_gate)
        {
            return Task.WhenAll(_sessions.Select(session => session.Completion));
        }
    }

    private int CountTargets() => _sessions.Count(session => session.Target is not null);

    private async Task RunAsync(ServeSession session, Func<ServeSession, Task> serve)
    {
        // Not on the thread that accepts.
        await Task.Yield();
        try
        {
            await serve(session);
        }
        finally
        {
            lock (_gate)
            {
                _sessions.Remove(session);
            }

            session.Dispose();
        }
    }
}
