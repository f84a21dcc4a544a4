using RsyncFs.Errors;

namespace RsyncFs.Cli.Engine;

/// <summary>
/// Logs failures of those who got no target: a few a minute of each kind, then how many more there were. Anybody can
/// cause them; so each kind has a budget of its own, and what says least can not hide what says most.
/// </summary>
/// <param name="log">Told of them.</param>
/// <param name="clock">Tells time.</param>
internal sealed class StrangerLog(IServeLog log, TimeProvider clock)
{
    private readonly LogBudget _known = new(
        clock,
        "more sessions of peers that are known ended without a target"
    );
    private readonly LogBudget _unknownKeys = new(
        clock,
        "more connections were refused: their keys are not known"
    );
    private readonly LogBudget _others = new(clock, "more connections failed before they said who they are");

    /// <summary>A connection failed that had no target.</summary>
    public void Failed(SessionPeer peer, RsyncFsException error)
    {
        var budget =
            peer.Name is not null ? _known
            : error.Id == ErrorId.KeyUnknown ? _unknownKeys
            : _others;
        if (!budget.TryTake(out var unsaid))
        {
            return;
        }

        if (unsaid is not null)
        {
            var many = peer.Name is null ? "strangers" : "peers that are known";
            log.Failed(new SessionPeer(many), new ConnectionException(error.Id, unsaid));
        }

        log.Failed(peer, error);
    }
}
