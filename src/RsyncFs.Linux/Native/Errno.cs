namespace RsyncFs.Linux.Native;

/// <summary>The error numbers that are told apart: asm-generic/errno-base.h, asm-generic/errno.h; meanings in errno(3).</summary>
internal static class Errno
{
    public const int NotPermitted = 1;
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int InputOutput = 5;
    public const int NoDeviceOrAddress = 6;
    public const int TryAgain = 11;
    public const int NoMemory = 12;
    public const int Access = 13;
    public const int Busy = 16;
    public const int Exists = 17;
    public const int NoDevice = 19;
    public const int NotDirectory = 20;
    public const int IsDirectory = 21;
    public const int Invalid = 22;
    public const int TooManyFilesOfAll = 23;
    public const int TooManyFiles = 24;
    public const int NotTerminal = 25;
    public const int NoSpace = 28;
    public const int ReadOnlyFileSystem = 30;
    public const int TooManyLinks = 40;
    public const int NotSupported = 95;
    public const int Quota = 122;

    /// <summary>True for what says nothing of a file, but that the machine can not look at it now.</summary>
    public static bool IsOfMachine(int errno) =>
        errno is NoMemory or TooManyFiles or TooManyFilesOfAll or InputOutput;

    /// <summary>The name that manual pages use, with the text of the C library: <c>EIO (Input/output error)</c>.</summary>
    public static string Describe(int errno)
    {
        var text = System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(errno);
        return $"{NameOf(errno)} ({text})";
    }

    private static string NameOf(int errno) =>
        errno switch
        {
            NotPermitted => "EPERM",
            NoEntry => "ENOENT",
            Interrupted => "EINTR",
            InputOutput => "EIO",
            NoDeviceOrAddress => "ENXIO",
            TryAgain => "EAGAIN",
            NoMemory => "ENOMEM",
            Access => "EACCES",
            Busy => "EBUSY",
            Exists => "EEXIST",
            NoDevice => "ENODEV",
            NotDirectory => "ENOTDIR",
            IsDirectory => "EISDIR",
            Invalid => "EINVAL",
            TooManyFilesOfAll => "ENFILE",
            TooManyFiles => "EMFILE",
            NotTerminal => "ENOTTY",
            27 => "EFBIG",
            NoSpace => "ENOSPC",
            ReadOnlyFileSystem => "EROFS",
            36 => "ENAMETOOLONG",
            39 => "ENOTEMPTY",
            TooManyLinks => "ELOOP",
            52 => "EBADE",
            61 => "ENODATA",
            67 => "ENOLINK",
            84 => "EILSEQ",
            NotSupported => "EOPNOTSUPP",
            110 => "ETIMEDOUT",
            121 => "EREMOTEIO",
            Quota => "EDQUOT",
            _ => $"errno {errno}",
        };
}
