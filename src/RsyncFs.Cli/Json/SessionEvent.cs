namespace RsyncFs.Cli.Json;

/// <summary>A sender's session came to its proper end.</summary>
internal sealed record SessionEvent() : JsonEvent("session")
{
    /// <summary>The sender's address.</summary>
    public required string Peer { get; init; }

    /// <summary>What this machine calls it; missing if it is not known by a key.</summary>
    public string? Name { get; init; }

    /// <summary>The key that it has proven to have.</summary>
    public string? Key { get; init; }

    /// <summary>The sender's name of itself, which proves nothing.</summary>
    public required string Node { get; init; }

    /// <summary>The target.</summary>
    public required string Target { get; init; }

    /// <summary><c>replicate</c>, <c>estimate</c> or <c>verify</c>.</summary>
    public required string Purpose { get; init; }

    /// <summary>The generation that the target is at.</summary>
    public required string Gen { get; init; }

    /// <summary>Records of the next generation that have arrived, if the sender left before all had.</summary>
    public long? ArrivedRecords { get; init; }

    /// <summary>Bytes read from the target.</summary>
    public required long Read { get; init; }

    /// <summary>Bytes written to or zeroed on the target.</summary>
    public required long Written { get; init; }
}
