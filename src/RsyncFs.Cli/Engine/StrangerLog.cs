using RsyncFs.Errors;

namespace RsyncFs.Cli.Engine;

/// <summary>
/// Logs failures of those who got no target: a few a minute of each kind, then how many more there were. Anybody can
/// cause them; so each kind has a budget of its own, and what says least can not hide what says most.
/// </summary>
internal sealed class StrangerLog : IDisposable
{
    private readonly IServeLog _log;
    private readonly LogBudget _known;
    private readonly LogBudget _unknownKeys;
    private readonly LogBudget _others;

    /// <summary>Nothing has failed yet.</summary>
    /// <param name="log">Told of failures.</param>
    /// <param name="clock">Tells time.</param>
    public StrangerLog(IServeLog log, TimeProvider clock)
    {
        _log = log;
        _known = Budget(
            "peers that are known",
            "more sessions of peers that are known ended without a target"
        );
        _unknownKeys = Budget("strangers", "more connections were refused: their keys are not known");
        _others = Budget("strangers", "more connections failed before they said who they are");

        LogBudget Budget(string who, string more) =>
            new(
                clock,
                (id, count) =>
                    log.Failed(new SessionPeer(who), new ConnectionException(id, $"{count} {more}"))
            );
    }

    /// <summary>A connection failed that had no target.</summary>
    public void Failed(SessionPeer peer, RsyncFsException error)
    {
        var budget =
            peer.Name is not null ? _known
            : error.Id == ErrorId.KeyUnknown ? _unknownKeys
            : _others;
        if (budget.TryTake(error.Id))
        {
            _log.Failed(peer, error);
        }
    }

    /// <summary>Says how many were not logged.</summary>
    public void Dispose()
    {
        _known.Dispose();
        _unknownKeys.Dispose();
        _others.Dispose();
    }
}
