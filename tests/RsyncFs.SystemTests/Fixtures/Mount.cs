namespace RsyncFs.SystemTests.Fixtures;

/// <summary>A mounted file system, unmounted when the test is done.</summary>
public sealed class Mount : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    /// <summary>Mounts what lies on <paramref name="device"/>, with further options of mount(8).</summary>
    public Mount(string device, params string[] options)
    {
        Root.Require();
        Path = _directory.At("a mount point");
        Directory.CreateDirectory(Path);
        Command.Run("mount", [.. options, device, Path]);
    }

    /// <summary>Where it is; the name has spaces.</summary>
    public string Path { get; }

    public void Dispose()
    {
        Command.Unmount(Path);
        _directory.Dispose();
    }
}
