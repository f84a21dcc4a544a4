using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RsyncFs.Linux.Native;

/// <summary>
/// Every call into the C library, and every number that goes with one, with the header it is from. The calls are
/// bare: loops, errors and checks are made where they are used. Only 64-bit Linux is meant (<c>off_t</c> is long).
/// </summary>
internal static unsafe partial class LibC
{
    // open(2): asm-generic/fcntl.h, and arch/arm64/include/uapi/asm/fcntl.h for the two that differ there.
    public const int ReadOnly = 0;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int Truncate = 0x200;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;

    // fcntl(2): asm-generic/fcntl.h.
    public const int SetDescriptorFlags = 2;
    public const int DescriptorCloseOnExec = 1;

    // clock_gettime(2): linux/time.h.
    public const int MonotonicClock = 1;

    // lseek(2): linux/fs.h.
    public const int SeekEnd = 2;
    public const int SeekData = 3;
    public const int SeekHole = 4;

    // flock(2): asm-generic/fcntl.h.
    public const int LockShared = 1;
    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;
    public const int LockRelease = 8;

    // posix_fadvise(2): linux/fadvise.h.
    public const int AdviseDontNeed = 4;

    // fallocate(2): linux/falloc.h.
    public const int KeepSize = 1;
    public const int PunchHole = 2;

    // statx(2): linux/fcntl.h, linux/stat.h.
    public const int AtWorkingDirectory = -100;
    public const int AtEmptyPath = 0x1000;
    public const uint StatxBasic = 0x7ff;

    // inode(7): linux/stat.h.
    public const int TypeMask = 0xf000;
    public const int TypeFifo = 0x1000;
    public const int TypeCharacterDevice = 0x2000;
    public const int TypeDirectory = 0x4000;
    public const int TypeBlockDevice = 0x6000;
    public const int TypeRegularFile = 0x8000;
    public const int TypeSocket = 0xc000;
    public const int ExecuteMask = 0x49;

    // PATH_MAX, the end included: linux/limits.h.
    public const int PathBytes = 4096;

    // ioctl(2): linux/fs.h, and linux/blkdev.h for BLKGETDISKSEQ (Linux 5.15).
    public const uint BlkRoGet = 0x125e;
    public const uint BlkSszGet = 0x1268;
    public const uint BlkGetSize64 = 0x80081272;
    public const uint BlkDiscard = 0x1277;
    public const uint BlkZeroOut = 0x127f;
    public const uint BlkGetDiskSeq = 0x80081280;

    // unix(7), SO_PEERCRED: asm-generic/socket.h. <sys/socket.h>: struct ucred is pid, uid, gid, 32 bits each.
    public const int SocketLevel = 1;
    public const int PeerCredentials = 17;
    public const int CredentialsBytes = 12;

    // credentials(7).
    public const uint Root = 0;

    // kill(2): asm-generic/signal.h.
    public const int SignalNone = 0;
    public const int SignalKill = 9;
    public const int SignalTerminate = 15;

    // stdin(3); fcntl(2), F_DUPFD_CLOEXEC.
    public const int StandardInput = 0;
    public const int StandardOutput = 1;
    public const int FirstOrdinaryDescriptor = 3;
    public const int DuplicateCloseOnExec = 1030;

    /// <summary>Past the page cache: 040000 on x86, 0200000 on arm64.</summary>
    public static int Direct => IsArm ? 0x10000 : 0x4000;

    /// <summary>Only a directory: 0200000 on x86, 040000 on arm64.</summary>
    public static int DirectoryOnly => IsArm ? 0x4000 : 0x10000;

    /// <summary>No symbolic link at the end of the path: 0400000 on x86, 0100000 on arm64.</summary>
    public static int NoFollow => IsArm ? 0x8000 : 0x20000;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    [LibraryImport(
        "libc",
        EntryPoint = "open",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    public static partial SafeFileHandle Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    public static partial nint ReadAt(SafeFileHandle file, byte* buffer, nint count, long offset);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint WriteAt(SafeFileHandle file, byte* buffer, nint count, long offset);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int FlushData(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Flush(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int SetLength(SafeFileHandle file, long length);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    public static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(SafeFileHandle file, int operation);

    /// <summary>Unlike the others, gives the error number itself.</summary>
    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    public static partial int Advise(SafeFileHandle file, long offset, long length, int advice);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(SafeFileHandle file, nuint request, void* argument);

    [LibraryImport(
        "libc",
        EntryPoint = "statx",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    public static partial int Stat(int directory, string path, int flags, uint mask, out Statx status);

    [LibraryImport(
        "libc",
        EntryPoint = "statx",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    public static partial int Stat(SafeFileHandle file, string path, int flags, uint mask, out Statx status);

    [LibraryImport(
        "libc",
        EntryPoint = "mkdir",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    public static partial int MakeDirectory(string path, int mode);

    [LibraryImport(
        "libc",
        EntryPoint = "chmod",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    public static partial int ChangeMode(string path, int mode);

    [LibraryImport(
        "libc",
        EntryPoint = "rename",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    public static partial int Rename(string from, string to);

    [LibraryImport(
        "libc",
        EntryPoint = "unlink",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    public static partial int Unlink(string path);

    /// <summary>Into <paramref name="resolved"/> goes the path without links, PATH_MAX bytes at most; null if it fails.</summary>
    [LibraryImport(
        "libc",
        EntryPoint = "realpath",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    public static partial nint RealPath(string path, byte* resolved);

    /// <summary>With <see cref="DuplicateCloseOnExec"/>: another descriptor for the same, the first free one from <paramref name="from"/> on.</summary>
    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Duplicate(int descriptor, int command, int from);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    public static partial int DuplicateOnto(SafeFileHandle file, int descriptor);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int ControlDescriptor(SafeSocketHandle socket, int command, int argument);

    /// <summary>Into <paramref name="time"/> go two numbers, seconds and nanoseconds.</summary>
    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    public static partial int ReadClock(int clock, long* time);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int process, int signal);

    /// <summary>Never fails.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();
}
