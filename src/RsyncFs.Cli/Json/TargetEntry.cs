namespace RsyncFs.Cli.Json;

/// <summary>One target in short.</summary>
internal sealed record TargetEntry
{
    /// <summary>Its name; of a local destination its path.</summary>
    public required string Name { get; init; }

    /// <summary>True for a destination of this machine's own <c>sync</c>.</summary>
    public required bool Local { get; init; }

    /// <summary>True if the receiver that answered serves it.</summary>
    public required bool Served { get; init; }

    /// <summary>The sender that is at work on it; missing if none is, or nobody can tell.</summary>
    public string? Peer { get; init; }

    /// <summary>What this machine calls that sender; missing if it is not known by a key.</summary>
    public string? PeerName { get; init; }

    /// <summary>The key that it has proven to have.</summary>
    public string? PeerKey { get; init; }

    /// <summary>What it is: a word of <see cref="Blocks.TargetStatus"/>; <c>unreadable</c> if its state can not be read.</summary>
    public required string Status { get; init; }

    /// <summary>True if the device may be a mix of generations.</summary>
    public required bool Inconsistent { get; init; }

    /// <summary>The generation that it holds, or held when it was last whole; missing if it never was.</summary>
    public string? Generation { get; init; }

    /// <summary>When the source was as the target is.</summary>
    public DateTime? DataTime { get; init; }

    /// <summary>Seconds since then.</summary>
    public double? DataAgeSeconds { get; init; }

    /// <summary>The fencing number.</summary>
    public ulong? Epoch { get; init; }

    /// <summary>Where its device was found last.</summary>
    public string? Device { get; init; }

    /// <summary>Why its state can not be read.</summary>
    public ControlError? Error { get; init; }
}
