using System.Globalization;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>
/// A partition of a loop device, made by telling the kernel of it (addpart(8)), not by a table on the disk. Where no
/// udev makes its node the test does.
/// </summary>
public sealed class LoopPartition : IDisposable
{
    private readonly LoopDevice _disk;
    private readonly TemporaryDirectory _directory = new();

    /// <summary>Makes partition 1.</summary>
    public LoopPartition(LoopDevice disk, long startBytes, long lengthBytes)
    {
        _disk = disk;
        var name = System.IO.Path.GetFileName(disk.Path);
        Command.Run("addpart", disk.Path, "1", Sectors(startBytes), Sectors(lengthBytes));
        var number = File.ReadAllText($"/sys/block/{name}/{name}p1/dev").Trim().Split(':');
        Path = _directory.At("partition");
        Command.Run("mknod", Path, "b", number[0], number[1]);
    }

    /// <summary>The partition's node.</summary>
    public string Path { get; }

    /// <summary>Gives it another length, where it is.</summary>
    public void Resize(long lengthBytes) => Command.Run("resizepart", _disk.Path, "1", Sectors(lengthBytes));

    public void Dispose()
    {
        Command.Run("delpart", _disk.Path, "1");
        _directory.Dispose();
    }

    private static string Sectors(long bytes) => (bytes / 512).ToString(CultureInfo.InvariantCulture);
}
