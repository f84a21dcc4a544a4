namespace RsyncFs.Cli.Json;

/// <summary><c>serve</c>: somebody asked by a signal, and this session is open.</summary>
internal sealed record SessionStatusEvent() : JsonEvent("session_status")
{
    /// <summary>The sender's address and port.</summary>
    public required string Peer { get; init; }

    /// <summary>What this machine calls the sender; missing if it is not known.</summary>
    public string? Name { get; init; }

    /// <summary>The target; missing before it has one.</summary>
    public string? Target { get; init; }

    /// <summary>What this end is at.</summary>
    public required string Phase { get; init; }

    /// <summary>Bytes taken from the connection.</summary>
    public required long Received { get; init; }

    /// <summary>How long it is open.</summary>
    public required double Seconds { get; init; }
}
