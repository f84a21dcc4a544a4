using RsyncFs.Blocks;

namespace RsyncFs.FileSystems;

/// <summary>
/// What XFS calls free: the runs in the free space tree of each allocation group, if the log holds nothing that would
/// change them. Reflinks, reverse maps and a realtime device elsewhere change nothing of that.
/// </summary>
internal static class XfsFreeSpace
{
    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">The log is not clean, or something is odd.</exception>
    public static IReadOnlyList<Extent> Read(MetadataReader reader)
    {
        var superblock = XfsSuperblock.Read(reader);
        new XfsLog(reader, superblock).RequireClean();
        var free = new FreeExtents(superblock.BlockCount * superblock.BlockBytes);
        var used = new List<Extent>();
        for (var number = 0; number < superblock.GroupCount; number++)
        {
            var group = XfsGroup.Read(reader, superblock, number);
            new XfsFreeTree(reader, superblock, group, free, used).Walk();
        }

        used.Add(superblock.ToBytes((int)superblock.LogGroup, superblock.LogBlock, superblock.LogBlockCount));
        used.Sort((a, b) => a.OffsetBytes.CompareTo(b.OffsetBytes));
        var extents = free.ToList();
        RequireApart(extents, used);
        return extents;
    }

    // Trees and log are in use, whatever the trees say.
    private static void RequireApart(IReadOnlyList<Extent> free, List<Extent> used)
    {
        var next = 0;
        foreach (var run in free)
        {
            while (next < used.Count && used[next].EndBytes <= run.OffsetBytes)
            {
                next++;
            }

            if (next < used.Count && used[next].OffsetBytes < run.EndBytes)
            {
                throw new InvalidDataException($"metadata at {used[next].OffsetBytes} is called free");
            }
        }
    }
}
