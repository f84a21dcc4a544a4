using RsyncFs.Errors;

namespace RsyncFs.Cli.Engine;

/// <summary>Logs failures of those who did not say who they are: a few a minute, then how many more there were. Anybody can cause them.</summary>
/// <param name="log">Told of them.</param>
/// <param name="clock">Tells time.</param>
internal sealed class StrangerLog(IServeLog log, TimeProvider clock)
{
    private const int MaxPerInterval = 10;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long _begun = clock.GetTimestamp();
    private int _count;

    /// <summary>A connection of a stranger failed.</summary>
    public void Failed(SessionPeer peer, RsyncFsException error)
    {
        int unsaid;
        lock (_gate)
        {
            var isOver = clock.GetElapsedTime(_begun) >= Interval;
            unsaid = isOver ? Math.Max(0, _count - MaxPerInterval) : 0;
            if (isOver)
            {
                (_begun, _count) = (clock.GetTimestamp(), 0);
            }

            if (++_count > MaxPerInterval)
            {
                return;
            }
        }

        if (unsaid > 0)
        {
            log.Failed(
                new SessionPeer("strangers"),
                new ConnectionException(
                    error.Id,
                    $"{unsaid} more connections failed before they said who they are"
                )
            );
        }

        log.Failed(peer, error);
    }
}
