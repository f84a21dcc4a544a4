using RsyncFs.Protocol;

namespace RsyncFs;

/// <summary>What a receiver did in one session, for its log.</summary>
/// <param name="Target">The target's name.</param>
/// <param name="Purpose">What the session was for.</param>
/// <param name="SenderNode">The sender's name of itself.</param>
/// <param name="Generation">The generation that the target is at.</param>
/// <param name="BytesRead">Bytes read from the target.</param>
/// <param name="BytesWritten">Bytes written to or zeroed on the target.</param>
public sealed record SessionReport(
    string Target,
    Purpose Purpose,
    string SenderNode,
    Guid Generation,
    long BytesRead,
    long BytesWritten
)
{
    /// <summary>Records of the next generation that have come and are durable, if the sender said goodbye before all had; else 0.</summary>
    public long ArrivedRecordCount { get; init; }
}
