namespace RsyncFs.Cli.Json;

/// <summary>What a verb made of a target; with <see cref="DryRun"/>, what it would make of it.</summary>
internal sealed record TargetChangeDocument : ControlDocument
{
    /// <summary>The verb: <c>promote</c>, <c>demote</c>, ...</summary>
    public required string Verb { get; init; }

    /// <summary>The target's name, or the path of a local destination; before a <c>rename</c>.</summary>
    public required string Target { get; init; }

    /// <summary>What was done: <c>promoted</c>; or that nothing was to do: <c>already_primary</c>.</summary>
    public required string Status { get; init; }

    /// <summary>True if nothing was changed.</summary>
    public required bool DryRun { get; init; }

    /// <summary>True if the target is, or would be, another than before; false if it was so already.</summary>
    public bool Changed { get; init; }

    /// <summary>True if the receiver that serves the target did it.</summary>
    public bool Served { get; init; }

    /// <summary>What the target was; missing if it was none.</summary>
    public string? Was { get; init; }

    /// <summary>What it is.</summary>
    public string? Is { get; init; }

    /// <summary>Its device.</summary>
    public string? Device { get; init; }

    /// <summary>The generation that the device holds; of a primary: held when it was promoted.</summary>
    public string? Generation { get; init; }

    /// <summary>When the source was as the device is, or was when it was promoted.</summary>
    public DateTime? DataTime { get; init; }

    /// <summary><c>promote</c>: what was written to the source so long before the promote may be lost.</summary>
    public double? LossSeconds { get; init; }

    /// <summary>The fencing number.</summary>
    public ulong? Epoch { get; init; }

    /// <summary>Bytes of the device.</summary>
    public long? Size { get; init; }

    /// <summary><c>resize</c>: what it was.</summary>
    public long? SizeBefore { get; init; }

    /// <summary><c>adopt</c>, <c>reverse</c>: the volume; missing if the next sender says.</summary>
    public VolumeEntry? Volume { get; init; }

    /// <summary><c>demote</c>: blocks written since the promote, and blocks in all; missing if they were not counted.</summary>
    public long? ChangedBlocks { get; init; }

    /// <summary>See <see cref="ChangedBlocks"/>.</summary>
    public long? TotalBlocks { get; init; }

    /// <summary><c>rename</c>: the new name.</summary>
    public string? NewName { get; init; }

    /// <summary>Its directory of state files.</summary>
    public string? StateDirectory { get; init; }

    /// <summary>What a person must know.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What comes next, ready to paste.</summary>
    public IReadOnlyList<NextCommand> Next { get; init; } = [];
}
