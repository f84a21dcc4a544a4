using RsyncFs.Devices;

namespace RsyncFs.FileSystems;

/// <summary>
/// Finds the space that a file system calls free: ext2, ext3, ext4 and XFS. What is free holds nothing that a mount
/// of the snapshot would ever read.
/// </summary>
/// <remarks>
/// A file system's word counts only while its log holds nothing that would change it, so a crashed or mounted one is
/// doubted; a snapshot of LVM, which froze it, is not. Doubt is no error: it is the answer that nothing is free. A second
/// witness, blkid(8) for one, must see the same file system and no second signature: it knows more kinds than we do.
/// </remarks>
public static class FreeSpace
{
    /// <summary>Reads the metadata of whatever file system lies on <paramref name="snapshot"/>, which must not change meanwhile.</summary>
    /// <param name="snapshot">A snapshot, or a device that nobody writes.</param>
    /// <param name="witness">What another program calls the file system of that device of the snapshot, counted from 0, or null if it sees none beyond doubt; null if there is nobody to ask.</param>
    /// <param name="token">Stops the reading, between two reads of at most 64 KiB.</param>
    /// <returns>What is free; nothing, with the reason, where that can not be told beyond doubt.</returns>
    /// <exception cref="Errors.DeviceException">The device could not be read. Nothing is known of it.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled. Nothing is known of the device.</exception>
    public static FreeSpaceMap Find(
        IBlockDevice snapshot,
        Func<int, string?>? witness,
        CancellationToken token
    )
    {
        return snapshot is DeviceSet set
            ? FreeSpaceMap.OfSet(
                set,
                [.. set.Members.Select((member, i) => FindOn(member, SeenOn(i), token))]
            )
            : FindOn(snapshot, SeenOn(0), token);

        Func<string?>? SeenOn(int member) => witness is null ? null : () => witness(member);
    }

    private static FreeSpaceMap FindOn(IBlockDevice snapshot, Func<string?>? witness, CancellationToken token)
    {
        var reader = new MetadataReader(snapshot, token);
        return Read(reader, witness) with { MetadataBytesRead = reader.BytesRead };
    }

    private static FreeSpaceMap Read(MetadataReader reader, Func<string?>? witness)
    {
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
            if (OtherSignatures.Find(reader) is { } other)
            {
                return FreeSpaceMap.Doubted(name, $"it also bears the signature of {other}");
            }

            var seen = witness is null ? name : witness();
            return IsSameKind(name, seen)
                ? FreeSpaceMap.Known(name, isXfs ? XfsFreeSpace.Read(reader) : ExtFreeSpace.Read(reader))
                : FreeSpaceMap.Doubted(name, $"blkid sees {seen ?? "no file system, or several signatures"}");
        }
        catch (InvalidDataException doubt)
        {
            return FreeSpaceMap.Doubted(name, doubt.Message);
        }
    }

    // Where ext2 ends and ext4 begins two programs may see differently; their maps are read in one way.
    private static bool IsSameKind(string name, string? seen) =>
        seen is not null
        && (string.Equals(name, seen, StringComparison.Ordinal) || (IsExt(name) && IsExt(seen)));

    private static bool IsExt(string name) => name is "ext2" or "ext3" or "ext4";
}
