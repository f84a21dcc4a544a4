using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.FileSystems;

/// <summary>XFS as mkfs makes and the kernel fills it, judged by xfs_db and partclone. Blocks on free lists (AGFL) are all that they call free and we do not.</summary>
public sealed class XfsFreeSpaceTests
{
    private const long MiB = 1024 * 1024;
    private const int Seed = 20261121;

    public static TheoryData<string, int> Mounted =>
        new()
        {
            { "mkfs.xfs", 400 },
            { "mkfs.xfs -b size=1024", 400 },
            { "mkfs.xfs -b size=2048 -n size=4096", 400 },
            { "mkfs.xfs -d agcount=16", 600 },
            { "mkfs.xfs -d agcount=1 -m rmapbt=1", 400 },
            { "mkfs.xfs -m rmapbt=1,reflink=1,finobt=1,inobtcount=1,bigtime=1 -i nrext64=1,sparse=1", 400 },
            { "mkfs.xfs -m reflink=0,finobt=0,inobtcount=0,bigtime=0 -i sparse=0", 400 },
            { "mkfs.xfs -s size=4096", 400 },
            { "mkfs.xfs -d su=64k,sw=4 -l su=64k", 400 },
            { "mkfs.xfs -l su=256k,size=64m", 400 },
            { "mkfs.xfs -l size=16m,agnum=2", 400 },
        };

    /// <summary>Version 4, and blocks larger than pages, which this kernel need not mount.</summary>
    public static TheoryData<string, int> MadeWithFiles =>
        new()
        {
            { "mkfs.xfs -m crc=0", 400 },
            { "mkfs.xfs -m crc=0 -b size=1024 -d agcount=8", 400 },
            { "mkfs.xfs -m crc=0,finobt=0 -b size=512 -i size=256 -l version=1", 400 },
            { "mkfs.xfs -m crc=0 -l version=2,su=32k", 400 },
            { "mkfs.xfs -b size=65536", 900 },
        };

    [Theory]
    [MemberData(nameof(Mounted))]
    public void CallsFreeWhatOthersCallFree(string mkfs, int sizeMiB)
    {
        using var image = FileSystemImage.MadeAndFilled(mkfs, sizeMiB * MiB, Seed);
        AssertSame(image);
    }

    [Theory]
    [MemberData(nameof(MadeWithFiles))]
    public void CallsFreeWhatOthersCallFreeThoughItIsNotMounted(string mkfs, int sizeMiB)
    {
        using var image = FileSystemImage.MadeWithFiles(mkfs, sizeMiB * MiB, Seed);
        AssertSame(image);
    }

    [Fact]
    public void FollowsTreesOfSeveralLevels()
    {
        using var image = FileSystemImage.Made("mkfs.xfs -b size=1024 -d agcount=1", 400 * MiB);
        using (var mount = new Mount(image.Path, "-o", "loop"))
        {
            // Every second block of a large file.
            var file = Path.Combine(mount.Path, "large");
            File.WriteAllBytes(file, new byte[40 * MiB]);
            Command.Run("sync", file);
            Command.Run(
                "sh",
                "-c",
                "for i in $(seq 0 2 40000); do echo fpunch ${i}k 1k; done | xfs_io \"$1\"",
                "sh",
                file
            );
        }

        var map = AssertSame(image);
        Assert.True(map > 10_000, $"{map} runs");
    }

    [Fact]
    public void FollowsAFileSystemThatWasGrown()
    {
        using var image = FileSystemImage.MadeAndFilled("mkfs.xfs", 400 * MiB, Seed);
        image.Grow(1000 * MiB);
        using (var mount = new Mount(image.Path, "-o", "loop"))
        {
            Command.Run("xfs_growfs", mount.Path);
            RandomTree.Fill(mount.Path, Seed + 1);
        }

        AssertSame(image);
    }

    [Fact]
    public void FollowsALogThatHasWrapped()
    {
        using var image = FileSystemImage.MadeAndFilled("mkfs.xfs -l size=10m", 400 * MiB, Seed);
        for (var round = 0; round < 6; round++)
        {
            using (var mount = new Mount(image.Path, "-o", "loop"))
            {
                var directory = Directory.CreateDirectory(Path.Combine(mount.Path, "many")).FullName;
                for (var i = 0; i < 4000; i++)
                {
                    File.WriteAllText(Path.Combine(directory, $"{i}"), "");
                }

                Command.Run("sync", "-f", mount.Path);
                Directory.Delete(directory, recursive: true);
            }

            AssertSame(image);
        }
    }

    [Theory]
    [InlineData("xfs_admin -U generate")]
    [InlineData("xfs_repair -L")]
    public void FollowsOneWhoseLogAnotherProgramWrote(string command)
    {
        using var image = FileSystemImage.MadeAndFilled("mkfs.xfs", 400 * MiB, Seed);
        var words = command.Split(' ');
        Command.Run(words[0], [.. words[1..], image.Path]);
        AssertSame(image);
        using (var mount = new Mount(image.Path, "-o", "loop"))
        {
            RandomTree.Fill(mount.Path, Seed + 1);
        }

        AssertSame(image);
    }

    [Fact]
    public void WhatLiesBehindTheFileSystemIsUsed()
    {
        using var image = FileSystemImage.MadeAndFilled("mkfs.xfs", 400 * MiB, Seed);
        image.Grow(500 * MiB);
        var map = image.Find();
        Assert.Null(map.Doubt);
        Assert.True(map.Extents[^1].EndBytes <= 400 * MiB);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AMountedOneIsDoubted(bool synced)
    {
        using var image = FileSystemImage.MadeAndFilled("mkfs.xfs", 400 * MiB, Seed);
        using var mount = new Mount(image.Path, "-o", "loop");
        RandomTree.Fill(mount.Path, Seed + 1);
        if (synced)
        {
            Command.Run("sync", "-f", mount.Path);
        }

        var map = image.Find(image.Copy("mounted"));
        Assert.Contains("must be replayed", map.Doubt, StringComparison.Ordinal);
        Assert.Empty(map.Extents);
    }

    /// <summary>What LVM does to the origin of a snapshot. To xfs_repair its log is dirty.</summary>
    [Theory]
    [InlineData("mkfs.xfs")]
    [InlineData("mkfs.xfs -b size=1024 -l su=64k")]
    [InlineData("mkfs.xfs -l size=10m -s size=4096")]
    public void AFrozenOneIsBelieved(string mkfs)
    {
        using var image = FileSystemImage.MadeAndFilled(mkfs, 400 * MiB, Seed);
        using var mount = new Mount(image.Path, "-o", "loop");
        RandomTree.Fill(mount.Path, Seed + 1);
        using (var open = File.Create(Path.Combine(mount.Path, "open")))
        {
            // Unlinked, and still in use: its blocks are not free.
            open.Write(new byte[MiB]);
            File.Delete(open.Name);
            for (var round = 0; round < 4; round++)
            {
                Command.Run("fsfreeze", "--freeze", mount.Path);
                var copy = image.Copy("frozen");
                Command.Run("fsfreeze", "--unfreeze", mount.Path);
                Assert.Contains(
                    "<DIRTY>",
                    Command.Try("xfs_logprint", "-t", copy).Output,
                    StringComparison.Ordinal
                );
                AssertSame(image, copy);
                RandomTree.Fill(mount.Path, Seed + 2 + round);
            }
        }
    }

    /// <returns>How many runs there are.</returns>
    private static int AssertSame(FileSystemImage image, string? path = null)
    {
        var map = image.Find(path);
        Assert.Null(map.Doubt);
        Assert.Equal("xfs", map.FileSystem);
        path ??= image.Path;
        var freeList = OtherMaps.XfsFreeListBytes(path);
        foreach (var other in new[] { OtherMaps.XfsDb(path), OtherMaps.Partclone("partclone.xfs", path) })
        {
            Assert.Equal(map.FreeBytes, OtherMaps.Common(map.Extents, other));
            Assert.Equal(freeList, OtherMaps.Sum(other) - map.FreeBytes);
        }

        return map.Extents.Count;
    }
}
