namespace RsyncFs.SystemTests.Fixtures;

/// <summary>A directory of a test's own, gone when the test is.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    private bool _isMount;

    /// <summary>Makes one on the file system of temporary files.</summary>
    public TemporaryDirectory()
    {
        Path = Directory.CreateTempSubdirectory("rsyncfs-test-").FullName;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Makes one that is a tmpfs of its own, with room for <paramref name="sizeBytes"/>.</summary>
    public static TemporaryDirectory OnTmpfs(long sizeBytes) =>
        Mounted("tmpfs", $"mode=0700,size={sizeBytes}");

    /// <summary>Makes one that is a ramfs of its own: it has neither direct I/O nor holes.</summary>
    public static TemporaryDirectory OnRamfs() => Mounted("ramfs", "mode=0700");

    /// <summary>The path of a name in it.</summary>
    public string At(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        if (_isMount)
        {
            Command.Unmount(Path);
        }

        Directory.Delete(Path, recursive: true);
    }

    private static TemporaryDirectory Mounted(string type, string options)
    {
        Root.Require();
        var directory = new TemporaryDirectory();
        Command.Run("mount", "-t", type, "-o", options, "rsyncfs-test", directory.Path);
        directory._isMount = true;
        return directory;
    }
}
