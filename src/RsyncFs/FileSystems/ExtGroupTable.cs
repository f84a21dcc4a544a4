namespace RsyncFs.FileSystems;

/// <summary>The group descriptors, read from where they are: behind the superblock, or in their own groups (meta_bg).</summary>
internal sealed class ExtGroupTable(MetadataReader reader, ExtSuperblock superblock)
{
    private readonly byte[] _descriptor = new byte[superblock.DescriptorBytes];

    /// <summary>Blocks of descriptors behind the superblock and behind each copy of it.</summary>
    public int BlocksBehindSuperblock { get; } =
        superblock.Features.HasMetaGroups ? (int)superblock.FirstMetaGroup : superblock.DescriptorBlocks;

    /// <summary>Reads one descriptor.</summary>
    /// <exception cref="InvalidDataException">It is odd.</exception>
    public ExtGroup Read(int group)
    {
        var block = BlockOf(group / superblock.DescriptorsPerBlock);
        var at = group % superblock.DescriptorsPerBlock * superblock.DescriptorBytes;
        if (block >= superblock.BlockCount)
        {
            throw new InvalidDataException($"the descriptor of group {group} lies outside");
        }

        reader.Read((block * superblock.BlockBytes) + at, _descriptor);
        return ExtGroup.Read(superblock, group, _descriptor);
    }

    /// <summary>Where a group's share of the descriptors lies with meta_bg: behind its copy of the superblock, if it has one.</summary>
    public long MetaBlockIn(int group)
    {
        var first = Math.Max(superblock.FirstBlockOf(group), group == 0 ? superblock.OwnBlock : 0);
        return first + (superblock.HasSuperblock(group) ? 1 : 0);
    }

    private long BlockOf(int index) =>
        index < BlocksBehindSuperblock
            ? superblock.OwnBlock + 1 + index
            : MetaBlockIn(index * superblock.DescriptorsPerBlock);
}
