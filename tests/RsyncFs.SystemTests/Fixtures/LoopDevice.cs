namespace RsyncFs.SystemTests.Fixtures;

/// <summary>A block device of a test's own: a loop device over a sparse file, both gone when the test is.</summary>
public sealed class LoopDevice : IDisposable
{
    private readonly TemporaryDirectory _directory;

    /// <summary>Makes a device of <paramref name="sizeBytes"/> zeros, on <paramref name="directory"/> if one is given.</summary>
    public LoopDevice(long sizeBytes, int logicalBlockBytes = 512, TemporaryDirectory? directory = null)
    {
        Root.Require();
        _directory = directory ?? new TemporaryDirectory();
        SizeBytes = sizeBytes;
        BackingFile = _directory.At("backing");
        using (var file = new FileStream(BackingFile, FileMode.CreateNew))
        {
            file.SetLength(sizeBytes);
        }

        Path = Attach(BackingFile, logicalBlockBytes);
    }

    /// <summary>Makes a device over a file that is there; the caller removes the file behind the device.</summary>
    public LoopDevice(string backingFile)
    {
        Root.Require();
        _directory = new TemporaryDirectory();
        SizeBytes = new FileInfo(backingFile).Length;
        BackingFile = backingFile;
        Path = Attach(backingFile, logicalBlockBytes: 512);
    }

    /// <summary>The device's node.</summary>
    public string Path { get; }

    /// <summary>The file below it.</summary>
    public string BackingFile { get; }

    /// <summary>Its size.</summary>
    public long SizeBytes { get; }

    /// <summary>Sectors of 512 bytes ever written to it: the seventh field of its stat (Documentation/block/stat.rst).</summary>
    public long SectorsWritten =>
        long.Parse(
            File.ReadAllText($"/sys/block/{System.IO.Path.GetFileName(Path)}/stat")
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[6],
            System.Globalization.CultureInfo.InvariantCulture
        );

    private string CountingSwitch => $"/sys/block/{System.IO.Path.GetFileName(Path)}/queue/iostats";

    /// <summary>Gives it another size; what it holds up to there stays.</summary>
    public void Resize(long sizeBytes)
    {
        Command.Run(
            "truncate",
            "--size",
            sizeBytes.ToString(System.Globalization.CultureInfo.InvariantCulture),
            BackingFile
        );
        Command.Run("losetup", "--set-capacity", Path);
    }

    /// <summary>Makes a device with an empty ext4 on it.</summary>
    public static LoopDevice WithExt4(long sizeBytes, params string[] options)
    {
        var loop = new LoopDevice(sizeBytes);
        try
        {
            Command.Run("mkfs.ext4", ["-q", .. options, loop.Path]);
            return loop;
        }
        catch
        {
            loop.Dispose();
            throw;
        }
    }

    /// <summary>Makes the device read-only, as its owner would.</summary>
    public void MakeReadOnly() => Command.Run("blockdev", "--setro", Path);

    /// <summary>Lets the kernel no longer count what is written to the device.</summary>
    public void StopCounting() => File.WriteAllText(CountingSwitch, "0");

    // Direct: without, what a test reads through the device and through the file goes through two caches.
    private static string Attach(string file, int logicalBlockBytes) =>
        Command
            .Run("losetup", "--direct-io=on", $"--sector-size={logicalBlockBytes}", "--show", "--find", file)
            .Trim();

    public void Dispose()
    {
        // Both would outlive the attachment, and meet the next user of the node.
        Command.Run("blockdev", "--setrw", Path);
        File.WriteAllText(CountingSwitch, "1");
        Command.Run("losetup", "--detach", Path);
        _directory.Dispose();
    }
}
