using RsyncFs.Blocks;

namespace RsyncFs;

/// <summary>Where a cycle is.</summary>
/// <param name="Phase">The name of the part, as in <see cref="PhaseTime"/>.</param>
/// <param name="DoneBytes">Bytes of the device this part is done with.</param>
/// <param name="TotalBytes">Bytes of the device this part is about.</param>
/// <param name="ChangedBytes">Bytes found changed so far.</param>
/// <param name="SentBytes">Bytes put on the connection so far.</param>
public readonly record struct CycleProgress(
    string Phase,
    long DoneBytes,
    long TotalBytes,
    long ChangedBytes,
    long SentBytes
)
{
    /// <summary>What is compressed by; null as long as nothing is sent.</summary>
    public CompressionChoice? Compression { get; init; }
}
