namespace RsyncFs.SystemTests.Crashes;

/// <summary>A way in which a call to the kernel goes wrong.</summary>
/// <param name="Fate">What the tracer does to it.</param>
/// <param name="Calls">To which calls that can happen.</param>
/// <param name="IsForever">True if it happens to all that come after it, too: a disk that has died.</param>
internal sealed record Injection(string Fate, string[] Calls, bool IsForever = false)
{
    private static readonly string[] Changing =
    [
        "pwrite64",
        "write",
        "fdatasync",
        "fsync",
        "openat",
        "ioctl",
        "unlink",
        "rename",
        "renameat2",
        "fallocate",
        "ftruncate",
        "mkdir",
        "flock",
    ];

    /// <summary>All there are.</summary>
    public static IReadOnlyList<Injection> All { get; } =
    [
        new("kill", [.. Changing, "pread64"]),
        new("tear", ["pwrite64"]),
        new("EIO", [.. Changing, "pread64", "statx", "lseek", "statfs", "fadvise64"]),
        new("ENOSPC", ["pwrite64", "fdatasync", "openat", "fallocate", "ftruncate", "rename", "mkdir"]),
        new("EIO", ["pwrite64", "fdatasync", "ioctl"], IsForever: true),
        new("ENOSPC", ["pwrite64", "fallocate", "openat"], IsForever: true),
    ];

    /// <summary>True if the process does not outlive it.</summary>
    public bool IsDeadly => Fate is "kill" or "tear";

    /// <inheritdoc/>
    public override string ToString() => IsForever ? $"{Fate} from then on" : Fate;
}
