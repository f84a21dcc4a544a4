using System.Globalization;
using RsyncFs.FileSystems;
using RsyncFs.Linux.Devices;
using RsyncFs.SystemTests.Fixtures;

namespace RsyncFs.SystemTests.FileSystems;

/// <summary>A file system of a test's own in a sparse image file, and files in it that a seed decides.</summary>
internal sealed class FileSystemImage : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private FileSystemImage(long sizeBytes)
    {
        Root.Require();
        Path = Images.Make(_directory, "image", sizeBytes);
    }

    /// <summary>The image file.</summary>
    public string Path { get; }

    /// <summary>Makes a file system by a line of mkfs without the image's name, mounts it, fills it, removes half of the files, and unmounts it.</summary>
    public static FileSystemImage MadeAndFilled(string mkfs, long sizeBytes, int seed)
    {
        var image = Made(mkfs, sizeBytes);
        try
        {
            using var mount = new Mount(image.Path, "-o", "loop");
            RandomTree.Fill(mount.Path, seed);
            return image;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <summary>The same for a kind that this kernel does not mount: mkfs itself puts the files into it.</summary>
    public static FileSystemImage MadeWithFiles(string mkfs, long sizeBytes, int seed)
    {
        using var files = new TemporaryDirectory();
        var tree = files.At("tree");
        Directory.CreateDirectory(tree);
        RandomTree.Fill(tree, seed);
        if (!mkfs.StartsWith("mkfs.xfs", StringComparison.Ordinal))
        {
            return Made($"{mkfs} -d {tree}", sizeBytes);
        }

        File.WriteAllText(files.At("prototype"), RandomTree.Prototype(tree));
        return Made($"{mkfs} -p {files.At("prototype")}", sizeBytes);
    }

    /// <summary>Makes an empty one.</summary>
    public static FileSystemImage Made(string mkfs, long sizeBytes)
    {
        var image = new FileSystemImage(sizeBytes);
        try
        {
            // mkfs.xfs makes small file systems and small logs only for its own tests, which have these set.
            Command.Run(
                "env",
                ["TEST_DIR=1", "TEST_DEV=1", "QA_CHECK_FS=1", .. mkfs.Split(' '), "-q", image.Path]
            );
            return image;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <summary>What the code under test says of it, or of a copy of it.</summary>
    public FreeSpaceMap Find(string? path = null)
    {
        using var device = ImageFile.OpenSource(path ?? Path);
        return FreeSpace.Find(device, witness: null, CancellationToken.None);
    }

    /// <summary>Copies the image as it is at this moment, holes and all.</summary>
    public string Copy(string name)
    {
        var copy = _directory.At(name);
        Command.Run("cp", "--sparse=always", Path, copy);
        return copy;
    }

    /// <summary>A path beside the image.</summary>
    public string At(string name) => _directory.At(name);

    /// <summary>Makes the image longer; what is in it stays.</summary>
    public void Grow(long sizeBytes) =>
        Command.Run("truncate", "--size", sizeBytes.ToString(CultureInfo.InvariantCulture), Path);

    /// <summary>Names and hashes of all files in it, or in a copy.</summary>
    public string HashTree(string? path = null)
    {
        using var mount = new Mount(path ?? Path, "-o", "loop,ro");
        return DeviceBytes.HashTree(mount.Path).Replace(mount.Path, "", StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();
}
