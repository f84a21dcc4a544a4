using RsyncFs.Blocks;

namespace RsyncFs.FileSystems;

/// <summary>
/// All blocks of which the file system's layout alone says that they are used: superblocks, descriptors, bitmaps and
/// inode tables. A group whose bitmap was never written has no other word on them, and with flex_bg they may be those
/// of other groups; so what is here is used whatever a bitmap says.
/// </summary>
internal sealed class ExtUsedBlocks
{
    private readonly List<Extent> _used = [];
    private int _next;

    /// <summary>Gathers them from all descriptors.</summary>
    /// <exception cref="InvalidDataException">A descriptor is odd, or two of them claim one block.</exception>
    public ExtUsedBlocks(ExtSuperblock superblock, ExtGroupTable table)
    {
        for (var group = 0; group < superblock.GroupCount; group++)
        {
            var descriptor = table.Read(group);
            Add(superblock, descriptor.BitmapBlock, 1);
            Add(superblock, descriptor.InodeBitmapBlock, 1);
            Add(superblock, descriptor.InodeTableBlock, superblock.InodeTableBlocks);
        }

        _used.Sort((a, b) => a.OffsetBytes.CompareTo(b.OffsetBytes));
        for (var i = 1; i < _used.Count; i++)
        {
            if (_used[i].OffsetBytes < _used[i - 1].EndBytes)
            {
                throw new InvalidDataException(
                    $"two group descriptors claim the block at {_used[i].OffsetBytes}"
                );
            }
        }

        AddCopies(superblock, table);
        RoundToClusters(superblock);
        Merge();
    }

    /// <summary>What is left of a run without them. Runs must be asked for in ascending order.</summary>
    public IEnumerable<Extent> Without(Extent run)
    {
        while (_next < _used.Count && _used[_next].EndBytes <= run.OffsetBytes)
        {
            _next++;
        }

        var from = run.OffsetBytes;
        for (var i = _next; i < _used.Count && _used[i].OffsetBytes < run.EndBytes; i++)
        {
            if (_used[i].OffsetBytes > from)
            {
                yield return new Extent(from, _used[i].OffsetBytes - from);
            }

            from = Math.Max(from, _used[i].EndBytes);
        }

        if (from < run.EndBytes)
        {
            yield return new Extent(from, run.EndBytes - from);
        }
    }

    // Also where a file system grown while mounted has the superblock alone: a few free blocks are called used.
    private void AddCopies(ExtSuperblock superblock, ExtGroupTable table)
    {
        Add(superblock, 0, superblock.OwnBlock + 1);
        for (var group = 0; group < superblock.GroupCount; group++)
        {
            if (superblock.HasSuperblock(group))
            {
                var own = Math.Max(superblock.FirstBlockOf(group), group == 0 ? superblock.OwnBlock : 0);
                Add(superblock, own, 1L + table.BlocksBehindSuperblock + superblock.ReservedDescriptorBlocks);
            }

            // The first, the second and the last group of a meta group have its descriptors.
            var place = group % superblock.DescriptorsPerBlock;
            if (
                superblock.Features.HasMetaGroups
                && group / superblock.DescriptorsPerBlock >= superblock.FirstMetaGroup
                && (place <= 1 || place == superblock.DescriptorsPerBlock - 1)
            )
            {
                Add(superblock, table.MetaBlockIn(group), 1);
            }
        }
    }

    // A cluster is used as a whole.
    private void RoundToClusters(ExtSuperblock superblock)
    {
        var clusterBytes = (long)superblock.ClusterBlocks * superblock.BlockBytes;
        if (superblock.ClusterBlocks == 1)
        {
            return;
        }

        for (var i = 0; i < _used.Count; i++)
        {
            var start = _used[i].OffsetBytes / clusterBytes * clusterBytes;
            var end = (_used[i].EndBytes + clusterBytes - 1) / clusterBytes * clusterBytes;
            _used[i] = new Extent(start, end - start);
        }
    }

    private void Merge()
    {
        _used.Sort((a, b) => a.OffsetBytes.CompareTo(b.OffsetBytes));
        var last = 0;
        for (var i = 1; i < _used.Count; i++)
        {
            if (_used[i].OffsetBytes > _used[last].EndBytes)
            {
                _used[++last] = _used[i];
            }
            else
            {
                var end = Math.Max(_used[last].EndBytes, _used[i].EndBytes);
                _used[last] = new Extent(_used[last].OffsetBytes, end - _used[last].OffsetBytes);
            }
        }

        _used.RemoveRange(last + 1, _used.Count - last - 1);
    }

    private void Add(ExtSuperblock superblock, long block, long count) =>
        _used.Add(superblock.ToBytes(block, count));
}
