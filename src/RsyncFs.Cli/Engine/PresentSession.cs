using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Output;
using RsyncFs.Protocol;

namespace RsyncFs.Cli.Engine;

/// <summary>A session that is open now.</summary>
/// <param name="Peer">The sender.</param>
/// <param name="Target">The target that it has; null before it has one.</param>
/// <param name="Phase">What this end is at.</param>
/// <param name="ReceivedBytes">Bytes taken from the connection.</param>
/// <param name="Open">How long it is open.</param>
internal sealed record PresentSession(
    SessionPeer Peer,
    string? Target,
    SessionPhase Phase,
    long ReceivedBytes,
    TimeSpan Open
)
{
    /// <summary>The phase in one word.</summary>
    public string PhaseWord => Phase == SessionPhase.Idle ? "waiting" : Phase.ToString().ToLowerInvariant();

    /// <summary>In words.</summary>
    public override string ToString() =>
        $"{Peer} → {Target ?? "?"}: {PhaseWord}, received {new ByteSize(ReceivedBytes)} in {DurationText.Of(Open)}";
}
