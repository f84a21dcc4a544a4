namespace RsyncFs.Cli.Json;

/// <summary>What could make a host take a replica for its own disk, and the settings that prevent it.</summary>
internal sealed record GuardEntry
{
    /// <summary>What blkid finds on the device: <c>ext4 (UUID ...)</c>; missing if nothing.</summary>
    public string? Signature { get; init; }

    /// <summary>Other devices of this machine that bear the same identity.</summary>
    public IReadOnlyList<string> Duplicates { get; init; } = [];

    /// <summary>What could not be found out.</summary>
    public string? Unknown { get; init; }

    /// <summary>A file for the udev rule.</summary>
    public required string UdevFile { get; init; }

    /// <summary>A rule that keeps udev and what listens to it away from the device.</summary>
    public required string UdevRule { get; init; }

    /// <summary>The line for the section <c>devices</c> of lvm.conf(5).</summary>
    public required string LvmFilter { get; init; }

    /// <summary>The line for mdadm.conf(5).</summary>
    public required string MdadmLine { get; init; }
}
