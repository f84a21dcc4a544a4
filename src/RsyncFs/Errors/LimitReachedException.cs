namespace RsyncFs.Errors;

/// <summary>
/// A cycle was ended in good order before it was done, because what a person allowed it is used up. What had arrived
/// is durable at the target, unless <see cref="IsKept"/> says otherwise; the target is at its generation, or, if it is
/// written in place, marked inconsistent.
/// </summary>
public sealed class LimitReachedException : RsyncFsException
{
    /// <summary>Makes the error.</summary>
    public LimitReachedException(string message, Exception? inner = null)
        : base(ErrorId.LimitReached, message, inner) { }

    /// <summary>True if it was the time that is over; false if it was the bytes that may be sent.</summary>
    public required bool IsTime { get; init; }

    /// <summary>Bytes of the blocks that differ and have arrived, in this cycle or before.</summary>
    public long ArrivedBytes { get; init; }

    /// <summary>Bytes of the blocks that differ; of a copy that compares nothing, of the device; 0 if that is not known yet.</summary>
    public long TotalBytes { get; init; }

    /// <summary>Bytes that this cycle put on the connection.</summary>
    public long SentBytes { get; init; }

    /// <summary>True if the next cycle goes on from what has arrived.</summary>
    public bool IsKept { get; init; } = true;

    /// <summary>True if the target is one whole generation meanwhile.</summary>
    public bool IsTargetWhole { get; init; } = true;
}
