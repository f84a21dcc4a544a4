using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Linux.Native;

/// <summary>Makes errors of error numbers: what was tried, on which path, at which bytes, what the kernel said, and what to do.</summary>
internal static class LinuxError
{
    /// <summary>A device or image that could not be opened, or not be asked what it is.</summary>
    public static DeviceException Open(
        DeviceRole role,
        string call,
        string path,
        int errno,
        string? cause = null
    ) =>
        new(OpenId(role, errno), OpenMessage(role, errno))
        {
            Errno = errno,
            Where = path,
            Cause = cause ?? $"{call}: {Errno.Describe(errno)}",
            Hint = OpenHint(path, errno),
        };

    /// <summary>Bytes that could not be read, written, zeroed or flushed.</summary>
    /// <param name="role">Whose error it is.</param>
    /// <param name="call">The system call, for the cause.</param>
    /// <param name="path">The device.</param>
    /// <param name="offsetBytes">The first byte of the range that the call was for.</param>
    /// <param name="lengthBytes">The length of that range; negative if the call has none.</param>
    /// <param name="errno">What the kernel said; 0 if it moved fewer bytes than it must and gave no reason.</param>
    public static DeviceException Transfer(
        DeviceRole role,
        string call,
        string path,
        long offsetBytes,
        long lengthBytes,
        int errno
    )
    {
        var side = SideOf(role);
        var said = errno == 0 ? "ended before its length" : Errno.Describe(errno);
        return new DeviceException(IoId(role), $"the {side} could not be {DoneBy(call)}")
        {
            Errno = errno,
            Where = lengthBytes < 0 ? path : $"{path}, {lengthBytes} bytes at offset {offsetBytes}",
            Cause = $"{call}: {said}",
            Hint = TransferHint(errno),
        };
    }

    /// <summary>A state file or its directory.</summary>
    public static StateException State(string call, string path, int errno) =>
        new(
            errno is Errno.NoSpace or Errno.Quota ? ErrorId.StateFull : ErrorId.StateIo,
            $"a state file could not be {DoneBy(call)}"
        )
        {
            Where = path,
            Cause = $"{call}: {(errno == 0 ? "the file ended" : Errno.Describe(errno))}",
            Hint = errno is Errno.Access or Errno.NotPermitted
                ? "let the user that rsyncfs runs as read and write the state directory"
                : TransferHint(errno),
        };

    /// <summary>A failure that no error number tells: the kernel would have let us, and we do not.</summary>
    public static DeviceException Refuse(
        ErrorId id,
        string message,
        string path,
        string cause,
        string hint
    ) =>
        new(id, message)
        {
            Where = path,
            Cause = cause,
            Hint = hint,
        };

    public static string SideOf(DeviceRole role) => role == DeviceRole.Source ? "source" : "target";

    public static ErrorId MissingId(DeviceRole role) =>
        role == DeviceRole.Source ? ErrorId.SourceMissing : ErrorId.TargetMissing;

    private static ErrorId IoId(DeviceRole role) =>
        role == DeviceRole.Source ? ErrorId.SourceIo : ErrorId.TargetIo;

    private static ErrorId OpenId(DeviceRole role, int errno) =>
        errno switch
        {
            Errno.NoEntry or Errno.NoDevice or Errno.NoDeviceOrAddress => MissingId(role),
            Errno.Access or Errno.NotPermitted => ErrorId.PermissionDenied,
            Errno.Busy => role == DeviceRole.Source ? ErrorId.SourceInUse : ErrorId.TargetInUse,
            Errno.ReadOnlyFileSystem when role == DeviceRole.Target => ErrorId.TargetReadOnly,
            _ => IoId(role),
        };

    private static string OpenMessage(DeviceRole role, int errno) =>
        errno switch
        {
            Errno.NoEntry => $"the {SideOf(role)} does not exist",
            Errno.Busy => $"the {SideOf(role)} is in use",
            Errno.ReadOnlyFileSystem => $"the {SideOf(role)} is read-only",
            _ => $"the {SideOf(role)} could not be opened",
        };

    private static string? OpenHint(string path, int errno) =>
        errno switch
        {
            Errno.NoEntry when path.Contains(',', StringComparison.Ordinal) =>
                "check the path; a group is written with absolute paths and a comma alone between them: /dev/vg/a,/dev/vg/b",
            Errno.NoEntry => "check the path; for an LVM volume, that it is active (lvs)",
            Errno.Access =>
                "run as root, or let the user open it: a device by a udev rule that gives it to a group (70-rsyncfs.rules); group disk would open every disk",
            Errno.NotPermitted => "run as root; in a service of systemd, DeviceAllow= must name such devices",
            Errno.Busy => $"unmount or release it; 'lsblk {path}' and 'fuser -v {path}' show who uses it",
            Errno.ReadOnlyFileSystem => $"'blockdev --setrw {path}' if it may be written",
            _ => TransferHint(errno),
        };

    /// <summary>What to do about an error that is not of one file alone; null if there is nothing to say.</summary>
    public static string? TransferHint(int errno) =>
        errno switch
        {
            Errno.InputOutput => "look at the kernel's log (dmesg) and at the health of the disk",
            Errno.NoSpace => "free space on the file system or thin pool that it lies on",
            Errno.TooManyFiles =>
                "let the process open more files: LimitNOFILE= of its service, or ulimit -n",
            Errno.TooManyFilesOfAll => "let the machine open more files: sysctl fs.file-max",
            Errno.Quota => "the user's quota on that file system is used up",
            Errno.ReadOnlyFileSystem =>
                "the file system is mounted read-only; the kernel's log (dmesg) says why",
            _ => null,
        };

    private static string DoneBy(string call) =>
        call switch
        {
            "pread" => "read",
            "pwrite" => "written",
            "BLKZEROOUT" or "fallocate" => "zeroed",
            "fallocate(0)" => "given room on the disk",
            "fdatasync" or "fsync" => "flushed",
            "ftruncate" => "cut or grown",
            "lseek" => "searched for holes",
            "open" or "mkdir" => "opened",
            "rename" => "renamed",
            "unlink" => "removed",
            "readdir" => "listed",
            "statx" => "looked at",
            _ => $"accessed ({call})",
        };
}
