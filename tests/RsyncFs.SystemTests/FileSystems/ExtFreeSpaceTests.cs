using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.FileSystems;

/// <summary>ext2, ext3 and ext4 as mkfs makes and the kernel fills them, judged by dumpe2fs and partclone.</summary>
public sealed class ExtFreeSpaceTests
{
    private const long MiB = 1024 * 1024;

    /// <summary>Lines of mkfs, the size in MiB, and the name that is expected.</summary>
    public static TheoryData<string, int, string> Mounted =>
        new()
        {
            { "mkfs.ext2 -b 1024", 96, "ext2" },
            { "mkfs.ext2 -b 2048", 160, "ext2" },
            { "mkfs.ext2 -b 4096", 300, "ext2" },
            { "mkfs.ext2 -b 1024 -r 0", 96, "ext2" },
            { "mkfs.ext2 -b 1024 -O ^sparse_super,^resize_inode", 96, "ext2" },
            { "mkfs.ext3 -b 1024", 96, "ext3" },
            { "mkfs.ext3 -b 4096", 300, "ext3" },
            { "mkfs.ext4", 600, "ext4" },
            { "mkfs.ext4 -b 1024", 200, "ext4" },
            { "mkfs.ext4 -b 2048", 200, "ext4" },
            { "mkfs.ext4 -b 4096", 1100, "ext4" },
            { "mkfs.ext4 -b 4096 -O ^64bit", 600, "ext4" },
            { "mkfs.ext4 -b 1024 -O ^64bit,^metadata_csum,uninit_bg", 200, "ext4" },
            { "mkfs.ext4 -b 1024 -O 64bit,^metadata_csum,uninit_bg", 200, "ext4" },
            { "mkfs.ext4 -b 4096 -O ^metadata_csum,^uninit_bg", 600, "ext4" },
            { "mkfs.ext4 -b 1024 -O metadata_csum,^64bit", 200, "ext4" },
            { "mkfs.ext4 -b 1024 -O ^flex_bg", 200, "ext4" },
            { "mkfs.ext4 -b 1024 -G 4", 200, "ext4" },
            { "mkfs.ext4 -b 1024 -O meta_bg,^resize_inode", 400, "ext4" },
            {
                "mkfs.ext4 -b 1024 -O meta_bg,^resize_inode,^64bit,^flex_bg,^metadata_csum,uninit_bg",
                600,
                "ext4"
            },
            { "mkfs.ext4 -b 4096 -O meta_bg,^resize_inode", 600, "ext4" },
            { "mkfs.ext4 -b 1024 -O sparse_super2", 200, "ext4" },
            {
                "mkfs.ext4 -b 4096 -O sparse_super2,^resize_inode,^metadata_csum,uninit_bg -E num_backup_sb=1",
                600,
                "ext4"
            },
            { "mkfs.ext4 -b 4096 -g 8192", 600, "ext4" },
            { "mkfs.ext4 -b 4096 -O bigalloc -C 65536", 600, "ext4" },
            { "mkfs.ext4 -b 1024 -O bigalloc -C 16384", 600, "ext4" },
            { "mkfs.ext4 -b 4096 -O bigalloc,^metadata_csum,uninit_bg -C 32768", 1100, "ext4" },
            { "mkfs.ext4 -b 4096 -O metadata_csum_seed", 300, "ext4" },
            { "mkfs.ext4 -b 4096 -O orphan_file,inline_data", 300, "ext4" },
            { "mkfs.ext4 -b 4096 -O ^has_journal", 300, "ext4" },
            { "mkfs.ext4 -b 4096 -E resize=100000000", 300, "ext4" },
        };

    /// <summary>What a kernel with pages of 4 KiB or without quota does not mount, or only after a wait.</summary>
    public static TheoryData<string, int, string> MadeWithFiles =>
        new()
        {
            { "mkfs.ext4 -F -b 8192", 600, "ext4" },
            { "mkfs.ext4 -F -b 65536", 600, "ext4" },
            { "mkfs.ext4 -F -b 65536 -O bigalloc -C 1048576", 600, "ext4" },
            { "mkfs.ext4 -F -b 4096 -O mmp", 300, "ext4" },
            { "mkfs.ext4 -F -b 4096 -O quota,project,casefold", 300, "ext4" },
        };

    [Theory]
    [MemberData(nameof(Mounted))]
    public void CallsFreeWhatOthersCallFree(string mkfs, int sizeMiB, string name)
    {
        using var image = FileSystemImage.MadeAndFilled(mkfs, sizeMiB * MiB, Seed());
        AssertSame(image, mkfs, name);
    }

    [Theory]
    [MemberData(nameof(MadeWithFiles))]
    public void CallsFreeWhatOthersCallFreeThoughItIsNotMounted(string mkfs, int sizeMiB, string name)
    {
        using var image = FileSystemImage.MadeWithFiles(mkfs, sizeMiB * MiB, Seed());
        AssertSame(image, mkfs, name);
    }

    [Theory]
    [InlineData("mkfs.ext4 -b 1024", 2000)]
    [InlineData("mkfs.ext4 -b 1024 -O ^resize_inode", 2000)]
    [InlineData("mkfs.ext4 -b 4096 -O sparse_super2", 4000)]
    [InlineData("mkfs.ext3 -b 1024", 700)]
    public void FollowsAFileSystemThatWasGrown(string mkfs, int sizeMiB)
    {
        using var image = FileSystemImage.MadeAndFilled(mkfs, 200 * MiB, Seed());
        image.Grow(sizeMiB * MiB);
        Command.Try("e2fsck", "-fy", image.Path);
        Command.Run("resize2fs", image.Path);
        AssertSame(image, mkfs, mkfs[5..9]);
    }

    [Fact]
    public void WhatLiesBehindTheFileSystemIsUsed()
    {
        using var image = FileSystemImage.MadeAndFilled("mkfs.ext4 -b 4096", 200 * MiB, Seed());
        image.Grow(300 * MiB);
        var map = image.Find();
        Assert.Null(map.Doubt);
        Assert.True(map.Extents[^1].EndBytes <= 200 * MiB);
    }

    [Theory]
    [InlineData("mkfs.ext2 -b 4096", "not unmounted cleanly")]
    [InlineData("mkfs.ext3 -b 4096", "must be replayed")]
    [InlineData("mkfs.ext4 -b 4096", "must be replayed")]
    [InlineData("mkfs.ext4 -b 4096 -O ^has_journal", "not unmounted cleanly")]
    public void AMountedOneIsDoubted(string mkfs, string doubt)
    {
        using var image = FileSystemImage.MadeAndFilled(mkfs, 200 * MiB, Seed());
        using var mount = new Mount(image.Path, "-o", "loop");
        File.WriteAllBytes(Path.Combine(mount.Path, "new"), new byte[3 * MiB]);
        var map = image.Find(image.Copy("mounted"));
        Assert.Contains(doubt, map.Doubt, StringComparison.Ordinal);
        Assert.Empty(map.Extents);
    }

    /// <summary>What LVM does to the origin of a snapshot.</summary>
    [Theory]
    [InlineData("mkfs.ext3 -b 4096")]
    [InlineData("mkfs.ext4 -b 4096")]
    [InlineData("mkfs.ext4 -b 1024 -O orphan_file,^metadata_csum,uninit_bg")]
    public void AFrozenOneIsBelieved(string mkfs)
    {
        using var image = FileSystemImage.MadeAndFilled(mkfs, 200 * MiB, Seed());
        using var mount = new Mount(image.Path, "-o", "loop");
        RandomTree.Fill(mount.Path, Seed() + 1);
        using (var open = File.Create(Path.Combine(mount.Path, "open")))
        {
            // Unlinked, and still in use: its blocks are not free.
            open.Write(new byte[MiB]);
            File.Delete(open.Name);
            Command.Run("fsfreeze", "--freeze", mount.Path);
            var copy = image.Copy("frozen");
            Command.Run("fsfreeze", "--unfreeze", mount.Path);
            AssertSame(image, mkfs, mkfs[5..9], copy);
        }
    }

    private static void AssertSame(FileSystemImage image, string mkfs, string name, string? path = null)
    {
        var map = image.Find(path);
        Assert.Null(map.Doubt);
        Assert.Equal(name, map.FileSystem);
        Assert.Equal(OtherMaps.Dumpe2fs(path ?? image.Path), map.Extents);
        if (!mkfs.Contains("bigalloc", StringComparison.Ordinal))
        {
            Assert.Equal(OtherMaps.Partclone("partclone.extfs", path ?? image.Path), map.Extents);
        }
    }

    private static int Seed() => 20261121;
}
