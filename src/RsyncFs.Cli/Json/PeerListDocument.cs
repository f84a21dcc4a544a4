namespace RsyncFs.Cli.Json;

/// <summary>What the verbs of <c>peer</c> print: who is known now.</summary>
/// <param name="Peers">All, in the order of the file.</param>
internal sealed record PeerListDocument(IReadOnlyList<PeerDocument> Peers)
{
    /// <summary>Sessions that the receiver ended because of the change; missing if it was not told.</summary>
    public int? EndedSessions { get; init; }
}
