namespace RsyncFs.Cli.Json;

/// <summary>What a receiver answers to <see cref="ControlVerb.ReloadPeers"/>.</summary>
internal sealed record PeersReloadedDocument : ControlDocument
{
    /// <summary>The list that the receiver reads.</summary>
    public required string Peers { get; init; }

    /// <summary>Sessions that were ended, because their keys have lost a right that they need; missing if it is not the list that was changed: then nothing was done.</summary>
    public int? EndedSessions { get; init; }
}
