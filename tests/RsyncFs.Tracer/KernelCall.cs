namespace RsyncFs.Tracer;

/// <summary>A system call that is about a file, and which of its arguments say what about it; -1 if none does.</summary>
/// <param name="Name">Its name.</param>
/// <param name="File">The argument with the file descriptor, or the path.</param>
/// <param name="IsPath">True if that is a path.</param>
/// <param name="Offset">The argument with the offset.</param>
/// <param name="Length">The argument with the length.</param>
internal sealed record KernelCall(string Name, int File, bool IsPath, int Offset, int Length)
{
    /// <summary>By number, on x86-64 (asm/unistd_64.h).</summary>
    private static readonly Dictionary<long, KernelCall> Known = new()
    {
        [0] = OfFile("read", length: 2),
        [1] = OfFile("write", length: 2),
        [2] = OfPath("open", 0),
        [8] = OfFile("lseek", offset: 1),
        [16] = OfFile("ioctl"),
        [17] = OfFile("pread64", offset: 3, length: 2),
        [18] = OfFile("pwrite64", offset: 3, length: 2),
        [73] = OfFile("flock"),
        [74] = OfFile("fsync"),
        [75] = OfFile("fdatasync"),
        [77] = OfFile("ftruncate", length: 1),
        [82] = OfPath("rename", 0),
        [83] = OfPath("mkdir", 0),
        [87] = OfPath("unlink", 0),
        [137] = OfPath("statfs", 0),
        [138] = OfFile("fstatfs"),
        [221] = OfFile("fadvise64", offset: 1, length: 2),
        [257] = OfPath("openat", 1),
        [258] = OfPath("mkdirat", 1),
        [262] = OfPath("newfstatat", 1),
        [263] = OfPath("unlinkat", 1),
        [264] = OfPath("renameat", 1),
        [285] = OfFile("fallocate", offset: 2, length: 3),
        [316] = OfPath("renameat2", 1),
        [332] = OfPath("statx", 1),
    };

    /// <summary>The call of a number; null if it is not about a file.</summary>
    public static KernelCall? Find(long number) => Known.GetValueOrDefault(number);

    private static KernelCall OfFile(string name, int offset = -1, int length = -1) =>
        new(name, 0, IsPath: false, offset, length);

    private static KernelCall OfPath(string name, int path) => new(name, path, IsPath: true, -1, -1);
}
