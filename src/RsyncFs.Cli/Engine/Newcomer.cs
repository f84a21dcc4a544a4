using System.Net;

namespace RsyncFs.Cli.Engine;

/// <summary>
/// A connection of which it is not known yet who is there: it waits, or has a place, in which it is looked at. Disposing
/// it gives up what it has, once.
/// </summary>
/// <param name="entrance">Where it came.</param>
/// <param name="network">Where it came from.</param>
/// <param name="number">The how-manieth it is.</param>
/// <param name="turnAway">Called at most once, when it must go because of others.</param>
internal sealed class Newcomer(Entrance entrance, IPAddress network, long number, Action turnAway)
    : IDisposable
{
    private readonly TaskCompletionSource _placed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when it has a place. It may never come to that.</summary>
    public Task Placed => _placed.Task;

    /// <summary>True if it has a place, or had one until it was gone.</summary>
    public bool HasPlace => PlacedAt is not null;

    /// <summary>Where it came from.</summary>
    public IPAddress Network => network;

    /// <summary>Who came earlier has a lower one.</summary>
    public long Number => number;

    /// <summary>When it got its place, by the entrance's clock. For the entrance alone, as all that can be set here.</summary>
    public long? PlacedAt { get; private set; }

    /// <summary>True if its place is its own as long as it likes.</summary>
    public bool IsKnown { get; set; }

    /// <summary>True if it has given up what it had, or had to.</summary>
    public bool IsGone { get; set; }

    /// <summary>It is known who is there: it does not have to go because others wait.</summary>
    public void Know() => entrance.Know(this);

    /// <summary>Gives it a place.</summary>
    public void Place(long now)
    {
        PlacedAt = now;
        _placed.TrySetResult();
    }

    /// <summary>Tells it that it must go. Not to be said under a lock: whoever hears it acts on it.</summary>
    public void TurnAway() => turnAway();

    /// <inheritdoc/>
    public void Dispose() => entrance.Leave(this);
}
