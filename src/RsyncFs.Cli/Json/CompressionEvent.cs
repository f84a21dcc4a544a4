namespace RsyncFs.Cli.Json;

/// <summary>What is compressed by, when that is first known and when it changes.</summary>
internal sealed record CompressionEvent() : JsonEvent("compression")
{
    /// <summary>The destination as it was written.</summary>
    public required string Dest { get; init; }

    /// <summary><c>none</c>, <c>lz4</c>, or <c>zstd:3</c> with its level.</summary>
    public required string Chosen { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}
