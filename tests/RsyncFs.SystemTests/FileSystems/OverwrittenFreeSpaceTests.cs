using RsyncFs.FileSystems;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.FileSystems;

/// <summary>The proof: whatever is written into all that is called free, the file system is whole and all files are what they were.</summary>
public sealed class OverwrittenFreeSpaceTests
{
    private const long MiB = 1024 * 1024;
    private const int Seed = 20261121;

    [Theory]
    [InlineData("mkfs.ext2 -b 1024", 0)]
    [InlineData("mkfs.ext3 -b 4096", 0xA5)]
    [InlineData("mkfs.ext4 -b 1024", 0)]
    [InlineData("mkfs.ext4 -b 4096", 0xA5)]
    [InlineData("mkfs.ext4 -b 1024 -O meta_bg,^resize_inode,^metadata_csum,uninit_bg", 0xA5)]
    [InlineData("mkfs.ext4 -b 4096 -O bigalloc -C 65536", 0xA5)]
    [InlineData("mkfs.ext4 -b 4096 -O sparse_super2,^metadata_csum,uninit_bg", 0xA5)]
    public void OfExtIsNotMissed(string mkfs, byte garbage)
    {
        using var image = FileSystemImage.MadeAndFilled(mkfs, 400 * MiB, Seed);
        var copy = image.Copy("copy");
        Overwrite(copy, image.Find(), garbage);
        Assert.Equal(image.HashTree(), image.HashTree(copy));
        Command.Run("e2fsck", "-fn", copy);
    }

    [Theory]
    [InlineData("mkfs.xfs", 0)]
    [InlineData("mkfs.xfs", 0xA5)]
    [InlineData("mkfs.xfs -b size=1024 -d agcount=8 -m rmapbt=1", 0xA5)]
    public void OfXfsIsNotMissed(string mkfs, byte garbage)
    {
        using var image = FileSystemImage.MadeAndFilled(mkfs, 400 * MiB, Seed);
        var copy = image.Copy("copy");
        Overwrite(copy, image.Find(), garbage);
        Command.Run("xfs_repair", "-n", copy);
        Assert.Equal(image.HashTree(), image.HashTree(copy));
    }

    [Theory]
    [InlineData("mkfs.ext4 -b 4096")]
    [InlineData("mkfs.xfs")]
    public void OfAFrozenOneIsNotMissed(string mkfs)
    {
        using var image = FileSystemImage.MadeAndFilled(mkfs, 400 * MiB, Seed);
        string copy;
        string expected;
        using (var mount = new Mount(image.Path, "-o", "loop"))
        {
            RandomTree.Fill(mount.Path, Seed + 1);
            Command.Run("fsfreeze", "--freeze", mount.Path);
            copy = image.Copy("frozen");
            Command.Run("fsfreeze", "--unfreeze", mount.Path);
            expected = DeviceBytes.HashTree(mount.Path).Replace(mount.Path, "", StringComparison.Ordinal);
        }

        // Mounted for writing, so that the log is replayed.
        Overwrite(copy, image.Find(copy), garbage: 0xA5);
        new Mount(copy, "-o", "loop").Dispose();
        Assert.Equal(expected, image.HashTree(copy));
        var check = mkfs.Contains("xfs", StringComparison.Ordinal) ? "xfs_repair -n" : "e2fsck -fn";
        Command.Run(check.Split(' ')[0], check.Split(' ')[1], copy);
    }

    private static void Overwrite(string path, FreeSpaceMap map, byte garbage)
    {
        Assert.Null(map.Doubt);
        Assert.True(map.FreeBytes > 100 * MiB, $"only {map.FreeBytes} bytes are free");
        var piece = new byte[MiB];
        piece.AsSpan().Fill(garbage);
        using var file = DeviceBytes.OpenToWrite(path);
        foreach (var run in map.Extents)
        {
            for (var at = run.OffsetBytes; at < run.EndBytes; at += piece.Length)
            {
                RandomAccess.Write(file, piece.AsSpan(0, (int)Math.Min(piece.Length, run.EndBytes - at)), at);
            }
        }
    }
}
