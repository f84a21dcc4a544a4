namespace RsyncFs.Protocol;

/// <summary>What an end is busy with; carried by heartbeats, and the key of the deadline for making no progress.</summary>
public enum SessionPhase : byte
{
    /// <summary>Waiting for the other end.</summary>
    Idle = 0,

    /// <summary>Reading and hashing its device.</summary>
    Scan = 1,

    /// <summary>Comparing signatures and page hashes.</summary>
    Compare = 2,

    /// <summary>Encoding and sending, or receiving and proving, changed blocks.</summary>
    Transfer = 3,

    /// <summary>Writing the staged delta onto the target.</summary>
    Apply = 4,

    /// <summary>Waiting for the storage to say that everything is durable.</summary>
    Flush = 5,
}
