using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RsyncFs.Linux.Native;

/// <summary>
/// The calls of <see cref="LibC"/> as they must be made: repeated when a signal interrupts them, continued when they
/// move less than asked. All give an error number, 0 for success, and leave the wording to who knows what was meant.
/// </summary>
internal static unsafe class NativeFile
{
    // The kernel moves at most 0x7ffff000 bytes a call (read(2)); asking for less keeps lengths even.
    private const int MaxTransferBytes = 1 << 30;

    /// <summary>Opens a path, never across an exec. <paramref name="file"/> is null if that fails.</summary>
    public static int Open(string path, int flags, int mode, out SafeFileHandle? file)
    {
        while (true)
        {
            file = LibC.Open(path, flags | LibC.CloseOnExec, mode);
            if (!file.IsInvalid)
            {
                return 0;
            }

            var errno = Marshal.GetLastPInvokeError();
            file.Dispose();
            file = null;
            if (errno != Errno.Interrupted)
            {
                return errno;
            }
        }
    }

    /// <summary>What the path leads to, symbolic links followed.</summary>
    public static int Stat(string path, out Statx status) =>
        ErrnoOf(LibC.Stat(LibC.AtWorkingDirectory, path, flags: 0, LibC.StatxBasic, out status));

    /// <summary>The path without symbolic links; null if there is nothing.</summary>
    public static int Resolve(string path, out string? resolved)
    {
        var buffer = stackalloc byte[LibC.PathBytes];
        resolved = LibC.RealPath(path, buffer) == 0 ? null : Marshal.PtrToStringUTF8((nint)buffer);
        return resolved is null ? Marshal.GetLastPInvokeError() : 0;
    }

    /// <summary>What was opened.</summary>
    public static int Stat(SafeFileHandle file, out Statx status) =>
        ErrnoOf(LibC.Stat(file, path: "", LibC.AtEmptyPath, LibC.StatxBasic, out status));

    /// <summary>Reads up to <paramref name="length"/> bytes; fewer only at the end of the file, or after an error.</summary>
    public static int Read(SafeFileHandle file, long offset, byte* buffer, int length, out int moved)
    {
        moved = 0;
        while (moved < length)
        {
            var want = Math.Min(length - moved, MaxTransferBytes);
            var got = LibC.ReadAt(file, buffer + moved, want, offset + moved);
            if (got == 0)
            {
                return 0;
            }

            if (got > 0)
            {
                moved += (int)got;
            }
            else if (Marshal.GetLastPInvokeError() is var errno and not Errno.Interrupted)
            {
                return errno;
            }
        }

        return 0;
    }

    /// <summary>Writes <paramref name="length"/> bytes. A write that moves nothing and says nothing counts as a full disk.</summary>
    public static int Write(SafeFileHandle file, long offset, byte* data, int length)
    {
        var moved = 0;
        while (moved < length)
        {
            var want = Math.Min(length - moved, MaxTransferBytes);
            var put = LibC.WriteAt(file, data + moved, want, offset + moved);
            if (put == 0)
            {
                return Errno.NoSpace;
            }

            if (put > 0)
            {
                moved += (int)put;
            }
            else if (Marshal.GetLastPInvokeError() is var errno and not Errno.Interrupted)
            {
                return errno;
            }
        }

        return 0;
    }

    /// <summary>
    /// fdatasync(2): the bytes, and what is needed to read them back. Never repeated: the kernel reports a failed
    /// write-back once, and the next call would succeed with the data gone.
    /// </summary>
    public static int FlushData(SafeFileHandle file) => ErrnoOf(LibC.FlushData(file));

    /// <summary>fsync(2) of a directory: the names in it.</summary>
    public static int FlushDirectory(string path)
    {
        var errno = Open(path, LibC.ReadOnly | LibC.DirectoryOnly, mode: 0, out var directory);
        if (errno != 0)
        {
            return errno;
        }

        using (directory)
        {
            return ErrnoOf(LibC.Flush(directory!));
        }
    }

    /// <summary>The error number of a call that gives -1 when it fails.</summary>
    public static int ErrnoOf(long result) => result == -1 ? Marshal.GetLastPInvokeError() : 0;
}
