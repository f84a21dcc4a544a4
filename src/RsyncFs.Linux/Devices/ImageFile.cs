using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Devices;

/// <summary>
/// A file that holds the bytes of a device, of any length. Read and written past the page cache where its file
/// system can (open(2), O_DIRECT); where it can not, through it, and the pages are given back at once.
/// </summary>
/// <remarks>
/// A piece that does not fill a page, such as the tail of an odd length, goes through a second, buffered descriptor:
/// direct I/O could only write it with what lies behind. Both are kept coherent by the kernel, and one flush covers
/// both, being the inode's.
/// </remarks>
public sealed unsafe class ImageFile : DirectDevice
{
    // The kernel's slowest tick is 10 ms (CONFIG_HZ_100).
    private static readonly TimeSpan LongestTick = TimeSpan.FromMilliseconds(20);
    private const int MaxSettleAttempts = 10;

    private readonly SafeFileHandle? _buffered;

    /// <param name="file">The image, open past the cache if <paramref name="buffered"/> is there.</param>
    /// <param name="buffered">The image, open through the cache; null if <paramref name="file"/> is that.</param>
    /// <param name="path">Its name in errors.</param>
    /// <param name="role">Source or target.</param>
    /// <param name="length">Its bytes.</param>
    internal ImageFile(
        SafeFileHandle file,
        SafeFileHandle? buffered,
        string path,
        DeviceRole role,
        long length
    )
        : base(file, path, role, length, buffered is null ? 1 : BlockLayout.PageSizeBytes)
    {
        _buffered = buffered;
    }

    /// <summary>True if the file system refused O_DIRECT.</summary>
    public bool IsBuffered => _buffered is null;

    /// <summary>Opens an image to be read.</summary>
    /// <exception cref="DeviceException">There is no file at the path, or it could not be opened.</exception>
    public static ImageFile OpenSource(string path) => Open(path, LibC.ReadOnly, DeviceRole.Source);

    /// <summary>Opens an image that exists to be written, and keeps it locked (flock) until it is disposed of.</summary>
    /// <exception cref="DeviceException">There is no file at the path, it is locked or the backing file of a loop device, or it could not be opened. It is as it was.</exception>
    public static ImageFile OpenTarget(string path)
    {
        var image = Open(path, LibC.ReadWrite, DeviceRole.Target);
        try
        {
            NodeLock.Take(image.File, path);
            image.RefuseLoop();
            return image;
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <summary>Makes a sparse image of <paramref name="lengthBytes"/> zeros, durably, readable by its owner only, and opens it.</summary>
    /// <exception cref="DeviceException">Something is there already, and is untouched; or it could not be made, and nothing is there.</exception>
    public static ImageFile CreateTarget(string path, long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        const int OwnerOnly = 0x180; // 0600
        var flags = LibC.ReadWrite | LibC.Create | LibC.Exclusive;
        var errno = NativeFile.Open(path, flags, OwnerOnly, out var file);
        if (errno != 0)
        {
            throw CreationError(path, "open", errno);
        }

        try
        {
            using (file)
            {
                Require(path, "ftruncate", NativeFile.ErrnoOf(LibC.SetLength(file!, lengthBytes)));
                Require(path, "fsync", NativeFile.ErrnoOf(LibC.Flush(file!)));
            }

            var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
            Require(path, "fsync", NativeFile.FlushDirectory(directory));
            return OpenTarget(path);
        }
        catch
        {
            LibC.Unlink(path);
            throw;
        }
    }

    /// <summary>True if the image is the backing file of a loop device that is itself in use; <paramref name="by"/> says how.</summary>
    /// <exception cref="DeviceException">There is no file at the path.</exception>
    public static bool IsInUse(string path, out string? by)
    {
        var errno = NativeFile.Stat(path, out var status);
        RequireFile(errno, status, path, DeviceRole.Source);
        by = null;
        if (
            DeviceUsage.LoopOver(status) is { } loop
            && LinuxBlockDevice.IsInUse(loop.Device, out var loopUser)
        )
        {
            by = $"the backing file of {loop.Device}, which is {loopUser}";
        }

        return by is not null;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        try
        {
            base.Flush();
        }
        finally
        {
            // Also when it failed: the cache goes on showing what never came to the disk, and whoever compares must not
            // take that for written (fsync(2) of Linux marks such pages clean, so that they can be given back).
            _ = LibC.Advise(File, offset: 0, length: 0, LibC.AdviseDontNeed);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Holes are those of lseek(2), SEEK_DATA and SEEK_HOLE; a file system that has no such thing calls all of it data.</remarks>
    public override Extent NextData(long offsetBytes)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, offsetBytes, 0);
        if (offsetBytes == LengthBytes)
        {
            return new Extent(LengthBytes, 0);
        }

        var start = LibC.Seek(File, offsetBytes, LibC.SeekData);
        switch (NativeFile.ErrnoOf(start))
        {
            case 0:
                break;
            case Errno.NoDeviceOrAddress: // no data behind the offset
                return new Extent(LengthBytes, 0);
            case Errno.Invalid or Errno.NotSupported:
                return new Extent(offsetBytes, LengthBytes - offsetBytes);
            case var errno:
                throw LinuxError.Transfer(Role, "lseek", Name, offsetBytes, 0, errno);
        }

        var hole = LibC.Seek(File, start, LibC.SeekHole);
        // A hole that can not be found only costs reading: everything up to the end may be data.
        var end = NativeFile.ErrnoOf(hole) == 0 ? Math.Min(hole, LengthBytes) : LengthBytes;
        start = Math.Min(start, LengthBytes);
        return new Extent(start, Math.Max(0, end - start));
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Nothing counts the sectors of a file, but any write changes its times. They are only as fine as the kernel's
    /// tick (but for some file systems, since Linux 6.13), so that two writes within one tick may bear one time:
    /// evidence is given only when the last change is older than that, and waits for it. Every later write then
    /// bears a later time. A file that never rests gives evidence that nothing equals.
    /// </remarks>
    public override ChangeEvidence ReadEvidence()
    {
        for (var attempt = 1; ; attempt++)
        {
            var errno = NativeFile.Stat(File, out var status);
            if (errno != 0)
            {
                throw LinuxError.Transfer(Role, "statx", Name, offsetBytes: 0, lengthBytes: -1, errno);
            }

            var age = DateTime.UtcNow - status.LastChange;
            // A change of the future is of before the clock was set back: any later one bears another time.
            var isSettled = age >= LongestTick || age < -LongestTick;
            if (isSettled || attempt == MaxSettleAttempts)
            {
                var unsettled = isSettled ? "" : $", unsettled {Guid.NewGuid()}";
                return new ChangeEvidence(
                    $"{BootId.Read()} file {status.FileSystemMajor}:{status.FileSystemMinor} inode {status.Inode}",
                    SectorsWritten: -1,
                    $"{status.SizeBytes} bytes, mtime {status.ModifySeconds}.{status.ModifyNanoseconds:D9}, ctime {status.ChangeSeconds}.{status.ChangeNanoseconds:D9}{unsettled}"
                );
            }

            Thread.Sleep(LongestTick);
        }
    }

    private protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _buffered?.Dispose();
        }

        base.Dispose(disposing);
    }

    private protected override void WriteEdge(long offsetBytes, ReadOnlySpan<byte> data)
    {
        Debug.Assert(_buffered is not null, "a buffered image has no edges: its unit is one byte");
        fixed (byte* memory = data)
        {
            var errno = NativeFile.Write(_buffered, offsetBytes, memory, data.Length);
            if (errno != 0)
            {
                throw LinuxError.Transfer(Role, "pwrite", Name, offsetBytes, data.Length, errno);
            }
        }

        CountWritten(offsetBytes, data.Length);
    }

    /// <summary>Punches a hole (fallocate(2)); what the file system does not free it zeroes.</summary>
    private protected override void ZeroAligned(Extent extent)
    {
        var mode = LibC.PunchHole | LibC.KeepSize;
        var errno = NativeFile.ErrnoOf(LibC.Allocate(File, mode, extent.OffsetBytes, extent.LengthBytes));
        if (errno == Errno.NotSupported)
        {
            WriteZeros(extent);
        }
        else if (errno != 0)
        {
            throw LinuxError.Transfer(Role, "fallocate", Name, extent.OffsetBytes, extent.LengthBytes, errno);
        }
        else
        {
            CountWritten(extent.OffsetBytes, extent.LengthBytes);
        }
    }

    /// <summary>What was read through the cache will not be read again soon; it only drives out what is.</summary>
    private protected override void AfterTransfer(long offsetBytes, long lengthBytes)
    {
        if (IsBuffered)
        {
            _ = LibC.Advise(File, offsetBytes, lengthBytes, LibC.AdviseDontNeed);
        }
    }

    private static ImageFile Open(string path, int flags, DeviceRole role)
    {
        RequireFile(NativeFile.Stat(path, out var named), named, path, role);
        var errno = NativeFile.Open(path, flags, mode: 0, out var buffered);
        if (errno != 0)
        {
            throw LinuxError.Open(role, "open", path, errno);
        }

        SafeFileHandle? direct = null;
        try
        {
            RequireFile(NativeFile.Stat(buffered!, out var status), status, path, role);
            // By the descriptor, so that both are one file whatever the name leads to by now.
            var self = $"/proc/self/fd/{buffered!.DangerousGetHandle()}";
            errno = NativeFile.Open(self, flags | LibC.Direct, mode: 0, out direct);
            var length = (long)status.SizeBytes;
            return errno switch
            {
                0 => new ImageFile(direct!, buffered, path, role, length),
                Errno.Invalid => new ImageFile(buffered, buffered: null, path, role, length),
                _ => throw LinuxError.Open(role, "open", path, errno),
            };
        }
        catch
        {
            direct?.Dispose();
            buffered!.Dispose();
            throw;
        }
    }

    private static void RequireFile(int errno, in Statx status, string path, DeviceRole role)
    {
        if (errno != 0)
        {
            throw LinuxError.Open(role, "statx", path, errno);
        }

        if (!status.IsRegularFile)
        {
            throw LinuxError.Refuse(
                LinuxError.MissingId(role),
                $"the {LinuxError.SideOf(role)} is no image file",
                path,
                $"it is {status.Describe()}",
                "name a block device or an image file"
            );
        }
    }

    private void RefuseLoop()
    {
        var errno = NativeFile.Stat(File, out var status);
        if (errno != 0)
        {
            throw LinuxError.Open(Role, "statx", Name, errno);
        }

        if (DeviceUsage.LoopOver(status) is { } loop)
        {
            throw LinuxError.Open(
                Role,
                "open",
                Name,
                Errno.Busy,
                $"it is the backing file of {loop.Device}; 'losetup -d {loop.Device}' releases it"
            );
        }
    }

    private static void Require(string path, string call, int errno)
    {
        if (errno != 0)
        {
            throw CreationError(path, call, errno);
        }
    }

    private static DeviceException CreationError(string path, string call, int errno) =>
        new(
            errno is Errno.Access or Errno.NotPermitted ? ErrorId.PermissionDenied : ErrorId.TargetIo,
            errno == Errno.Exists ? "the target exists already" : "the target could not be made"
        )
        {
            Errno = errno,
            Where = path,
            Cause = $"{call}: {Errno.Describe(errno)}",
            Hint =
                errno == Errno.Exists
                    ? "leave --create out to use the image that is there"
                    : "check that the directory exists, may be written, and has room",
        };
}
