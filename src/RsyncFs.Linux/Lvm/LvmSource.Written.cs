using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.Snapshots;

namespace RsyncFs.Linux.Lvm;

/// <content>What classic snapshots tell of changes.</content>
public sealed partial class LvmSource
{
    /// <summary>
    /// What was written since one of two snapshots, whichever is the older. Each has saved what was written since it was
    /// taken, and knows nothing of the time before: so both are asked, now that both exist. Of the younger one's list
    /// nothing is needed, and it is short where it was taken just now.
    /// </summary>
    private SnapshotChanges? FindWritten(LogicalVolume from, LogicalVolume to, out string obstacle) =>
        FindWritten(from, "the base snapshot", out obstacle) is { } since
        && FindWritten(to, "the snapshot", out obstacle) is { } beside
            ? since with
            {
                Extents = [.. since.Extents, .. beside.Extents],
                MetadataBytesRead = since.MetadataBytesRead + beside.MetadataBytesRead,
            }
            : null;

    /// <summary>What a snapshot had to save.</summary>
    private SnapshotChanges? FindWritten(LogicalVolume snapshot, string what, out string obstacle)
    {
        if (snapshot.IsOverflown)
        {
            obstacle = $"{what} ran full";
            return null;
        }

        var mapped = snapshot.MappedUuid("-cow");
        if (BlockSysfs.NodeOfMapped(mapped) is not { } node)
        {
            obstacle = $"the exception store of {what} is not found";
            return null;
        }

        try
        {
            using var opened = Open(snapshot, _clock.GetUtcNow());
            using var store = LinuxBlockDevice.OpenSource(node);
            var extents = ExceptionStore.Read(store, LengthBytes, out obstacle, out var bytesRead);
            // It may have run full while it was read. The header says so, or, if it could not be written, the kernel.
            if (extents is null || !ExceptionStore.IsValid(store))
            {
                obstacle = obstacle.Length > 0 ? obstacle : $"{what} ran full";
                return null;
            }

            opened.EnsureValid();
            return new SnapshotChanges(extents, $"the exception store of {what}", bytesRead)
            {
                BaseCopiedBytes = extents.Sum(extent => extent.LengthBytes),
            };
        }
        catch (DeviceException failure)
        {
            obstacle = $"{what} could not be asked what changed: {failure.Message}";
            return null;
        }
    }
}
