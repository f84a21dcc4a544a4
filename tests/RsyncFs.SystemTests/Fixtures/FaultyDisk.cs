namespace RsyncFs.SystemTests.Fixtures;

/// <summary>
/// A block device whose reads or writes fail with EIO while they are told to: a loop device over nbdfuse(1) over
/// nbdkit(1) with its error filter. The errors are the kernel's own.
/// </summary>
public sealed class FaultyDisk : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly RunningProgram _server;
    private RunningProgram? _fuse;

    private FaultyDisk(long sizeBytes)
    {
        Images.Make(_directory, "image", sizeBytes);
        Directory.CreateDirectory(MountPoint);
        _server = new RunningProgram(
            "nbdkit",
            [
                "--foreground",
                "--unix",
                Socket,
                "--filter=error",
                "file",
                _directory.At("image"),
                "error-rate=100%",
                "error=EIO",
                $"error-pread-file={_directory.At("read-fails")}",
                $"error-pwrite-file={_directory.At("write-fails")}",
                // Zeroing and trimming go the way of writing.
                $"error-zero-file={_directory.At("write-fails")}",
                $"error-trim-file={_directory.At("write-fails")}",
                $"error-extents-file={_directory.At("never")}",
            ]
        );
    }

    /// <summary>The device. Whoever has the disk disposes it before the disk.</summary>
    public LoopDevice Device { get; private set; } = null!;

    private string Socket => _directory.At("socket");

    private string MountPoint => _directory.At("mount");

    /// <summary>Makes one of so many zeros.</summary>
    public static async Task<FaultyDisk> MakeAsync(long sizeBytes)
    {
        Root.Require();
        var disk = new FaultyDisk(sizeBytes);
        try
        {
            await Poll.UntilAsync(() => File.Exists(disk.Socket));
            var file = Path.Combine(disk.MountPoint, "disk");
            disk._fuse = new RunningProgram("nbdfuse", [file, "--unix", disk.Socket]);
            await Poll.UntilAsync(() => File.Exists(file));
            disk.Device = new LoopDevice(file);
            return disk;
        }
        catch
        {
            disk.Dispose();
            throw;
        }
    }

    /// <summary>From now on writes fail, or do no more.</summary>
    public void FailWrites(bool fail) => Set("write-fails", fail);

    /// <summary>From now on reads fail, or do no more.</summary>
    public void FailReads(bool fail) => Set("read-fails", fail);

    /// <inheritdoc/>
    public void Dispose()
    {
        Command.Try("umount", MountPoint);
        _fuse?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _directory.Dispose();
    }

    private void Set(string name, bool isThere)
    {
        if (isThere)
        {
            File.WriteAllText(_directory.At(name), "");
        }
        else
        {
            File.Delete(_directory.At(name));
        }
    }
}
