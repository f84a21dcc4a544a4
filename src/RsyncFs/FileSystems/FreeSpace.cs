using RsyncFs.Devices;

namespace RsyncFs.FileSystems;

/// <summary>
/// Finds the space that a file system calls free: ext2, ext3, ext4 and XFS. What is free holds nothing that a mount
/// of the snapshot would ever read.
/// </summary>
/// <remarks>
/// A file system's word counts only while its log holds nothing that would change it, so a crashed or mounted one is
/// doubted; a snapshot of LVM, which froze it, is not. Doubt is no error: it is the answer that nothing is free. What
/// is asked is the device's own bytes and nothing else; a caller who can should also ask blkid(8) that it sees the
/// same file system and no second signature.
/// </remarks>
public static class FreeSpace
{
    /// <summary>Reads the metadata of whatever file system lies on <paramref name="snapshot"/>, which must not change meanwhile.</summary>
    /// <param name="snapshot">A snapshot, or a device that nobody writes.</param>
    /// <param name="token">Stops the reading, between two reads of at most 64 KiB.</param>
    /// <returns>What is free; nothing, with the reason, where that can not be told beyond doubt.</returns>
    /// <exception cref="Errors.DeviceException">The device could not be read. Nothing is known of it.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled. Nothing is known of the device.</exception>
    public static FreeSpaceMap Find(IBlockDevice snapshot, CancellationToken token) =>
        snapshot is DeviceSet set
            ? FreeSpaceMap.OfSet(set, [.. set.Members.Select(member => FindOn(member, token))])
            : FindOn(snapshot, token);

    private static FreeSpaceMap FindOn(IBlockDevice snapshot, CancellationToken token)
    {
        var reader = new MetadataReader(snapshot, token);
        var name = "";
        try
        {
            var isExt = ExtSuperblock.IsOn(reader);
            var isXfs = XfsSuperblock.IsOn(reader);
            if (isExt == isXfs)
            {
                return FreeSpaceMap.Doubted(
                    name,
                    isExt
                        ? "it bears the signatures of both ext2/3/4 and XFS"
                        : "it holds no file system of the kinds ext2, ext3, ext4 and XFS"
                );
            }

            name = isXfs ? "xfs" : ExtSuperblock.NameOf(reader);
            return OtherSignatures.Find(reader) is { } other
                ? FreeSpaceMap.Doubted(name, $"it also bears the signature of {other}")
                : FreeSpaceMap.Known(name, isXfs ? XfsFreeSpace.Read(reader) : ExtFreeSpace.Read(reader));
        }
        catch (InvalidDataException doubt)
        {
            return FreeSpaceMap.Doubted(name, doubt.Message);
        }
    }
}
