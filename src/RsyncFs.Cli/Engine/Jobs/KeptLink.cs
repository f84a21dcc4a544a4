using RsyncFs.Cli.Commands;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>
/// The way to a receiver between two cycles of one destination, which are some seconds apart: neither a handshake nor a
/// login is made for each. For one cycle at a time; it may be disposed of meanwhile.
/// </summary>
/// <param name="clock">Tells time.</param>
internal sealed class KeptLink(TimeProvider clock) : IAsyncDisposable
{
    // What a name stands for may change: now and then it is looked up again.
    private static readonly TimeSpan LongestUse = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private ReceiverLink? _link;
    private long _madeAt;
    private bool _isOver;

    /// <summary>The way, with a session of its own; null if there is none that is good.</summary>
    public async Task<ReceiverLink?> TryTakeAsync(SenderRequest request)
    {
        ReceiverLink? link;
        lock (_gate)
        {
            (link, _link) = (_link, null);
        }

        if (link is null)
        {
            return null;
        }

        if (clock.GetElapsedTime(_madeAt) > LongestUse || !link.IsStillGood(request))
        {
            await link.DisposeAsync();
            return null;
        }

        await link.BeginAgainAsync();
        return link;
    }

    /// <summary>Notes that a way was made anew.</summary>
    public void Made() => _madeAt = clock.GetTimestamp();

    /// <summary>Takes <paramref name="link"/> over at the end of a cycle: it stays if the receiver keeps it, too, and there is another cycle to come.</summary>
    public async Task PutAsync(ReceiverLink link)
    {
        lock (_gate)
        {
            if (link.Connection.IsKept && !_isOver)
            {
                _link = link;
                return;
            }
        }

        await link.DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        ReceiverLink? link;
        lock (_gate)
        {
            _isOver = true;
            (link, _link) = (_link, null);
        }

        if (link is not null)
        {
            await link.DisposeAsync();
        }
    }
}
