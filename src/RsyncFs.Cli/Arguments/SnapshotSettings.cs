using RsyncFs.Linux.Lvm;

namespace RsyncFs.Cli.Arguments;

/// <summary>How a source is read.</summary>
/// <param name="Mode">Whether a snapshot is taken.</param>
/// <param name="CowSpace">The space for a classic one.</param>
/// <param name="UsedOnly">True if free space counts as zeros.</param>
internal sealed record SnapshotSettings(SnapshotMode Mode, CowSpace CowSpace, bool UsedOnly)
{
    /// <summary>True if the snapshot is kept until the next run, to ask LVM what changed since.</summary>
    public bool KeepsBase { get; init; } = true;
}
