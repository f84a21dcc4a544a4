namespace RsyncFs.Cli.Json;

/// <summary>Everything that is known of one target.</summary>
internal sealed record TargetShowDocument : ControlDocument
{
    /// <summary>What <c>target list</c> says of it.</summary>
    public required TargetEntry Target { get; init; }

    /// <summary>Its directory of state files.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>The generation before the present one.</summary>
    public string? Parent { get; init; }

    /// <summary>The generations before the present one, newest first; the first is the parent.</summary>
    public IReadOnlyList<string> Ancestors { get; init; } = [];

    /// <summary>A generation that is on its way: in the journal, or being written in place.</summary>
    public string? PendingGeneration { get; init; }

    /// <summary>What has come of a transfer that is not whole; missing if there is nothing to go on with.</summary>
    public InterruptedEntry? Interrupted { get; init; }

    /// <summary>True if the generation was copied from a source that was in use.</summary>
    public bool Fuzzy { get; init; }

    /// <summary>The epoch before it was promoted, and again after a demote; missing if it is no primary.</summary>
    public ulong? ReplicaEpoch { get; init; }

    /// <summary>The highest epoch ever seen here.</summary>
    public ulong? HighestEpoch { get; init; }

    /// <summary>When it came into its present role, or was found diverged.</summary>
    public DateTime? ChangedAt { get; init; }

    /// <summary>The volume whose copy it is; missing if that is not known yet.</summary>
    public VolumeEntry? Volume { get; init; }

    /// <summary>Bytes of the device.</summary>
    public long? Size { get; init; }

    /// <summary>What names the device itself, as it was when it was served last.</summary>
    public string? DeviceId { get; init; }

    /// <summary>The journal limit at which the last delta did not fit; missing if it did.</summary>
    public long? JournalOverflow { get; init; }

    /// <summary>Bytes of the journal; missing if there is none.</summary>
    public long? JournalBytes { get; init; }

    /// <summary>Bytes of the digest map; missing if there is none.</summary>
    public long? MapBytes { get; init; }

    /// <summary>The generation of which the map is whole; missing if it is of none.</summary>
    public string? MapGeneration { get; init; }

    /// <summary>What this host sees on the device, and how to keep it away; missing for an image and where the device is not known.</summary>
    public GuardEntry? Guards { get; init; }
}
