namespace RsyncFs.Linux.Devices;

/// <summary>What blkid finds on a device.</summary>
/// <param name="Description">In words: <c>ext4 (UUID ...)</c>.</param>
/// <param name="Token">What identifies the content to a host, as blkid(8) takes it: <c>UUID=...</c>; null if nothing does.</param>
public sealed record DeviceSignature(string Description, string? Token)
{
    /// <summary>The type alone: <c>ext4</c>; null where there is none, or several that contradict each other.</summary>
    public string? Type { get; init; }

    /// <summary>True if it can be mounted: a filesystem, and no member of something larger.</summary>
    public bool IsFilesystem { get; init; }
}
