using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Devices;

/// <summary>
/// A block device of this machine, read and written past the page cache. A target is held from open to
/// <see cref="IDisposable.Dispose"/>: by O_EXCL, which keeps mounts away, and by a lock on the node, which keeps
/// away udev's probe and other programs that ask.
/// </summary>
/// <remarks>
/// Sectors written are those that the kernel counts: a write that does not fill the device's logical blocks counts
/// the blocks it rewrote, and zeroing counts like writing (measured for loop devices, Linux 6.18; the kernel accounts
/// REQ_OP_WRITE_ZEROES as a write: include/linux/blk_types.h, op_stat_group). A discard counts its own length, apart
/// (measured for thin volumes, Linux 6.1), and is added.
/// </remarks>
public sealed unsafe partial class LinuxBlockDevice : DirectDevice
{
    private readonly Statx _status;
    private readonly Lock _edges = new();

    private LinuxBlockDevice(SafeFileHandle file, string path, DeviceRole role, in Statx status)
        : base(file, path, role, LengthOf(file, path, role), LogicalBlockOf(file, path, role))
    {
        _status = status;
        _pool = new Lazy<ThinBlocks?>(() => ThinBlocks.Of(_status.NodeNumber));
        if (LengthBytes % UnitBytes != 0)
        {
            throw LinuxError.Refuse(
                role == DeviceRole.Source ? ErrorId.SourceIo : ErrorId.TargetIo,
                $"the {LinuxError.SideOf(role)} has {LengthBytes} bytes, no multiple of its logical block of {UnitBytes}",
                path,
                "its last bytes can not be reached",
                "use a device whose size is a multiple of its logical block"
            );
        }
    }

    /// <summary>Opens a device to be read. It may be in use: <see cref="IsInUse"/> tells.</summary>
    /// <exception cref="DeviceException">There is no block device at the path, or it could not be opened.</exception>
    public static LinuxBlockDevice OpenSource(string path)
    {
        RequireBlockDevice(path, DeviceRole.Source);
        return Open(path, LibC.ReadOnly | LibC.Direct, DeviceRole.Source);
    }

    /// <summary>Opens a device to be written, and holds it. Nothing is ever made at the path.</summary>
    /// <exception cref="DeviceException">There is no block device at the path, it is mounted, held, locked or read-only, or it could not be opened. It is as it was.</exception>
    public static LinuxBlockDevice OpenTarget(string path)
    {
        RequireBlockDevice(path, DeviceRole.Target);
        var device = Open(path, LibC.ReadWrite | LibC.Exclusive | LibC.Direct, DeviceRole.Target);
        try
        {
            device.RefuseReadOnly();
            device.RefuseLoop();
            NodeLock.Take(device.File, path);
            return device;
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>True if the device is mounted, held by another, or swap; <paramref name="by"/> says how.</summary>
    /// <exception cref="DeviceException">There is no block device at the path, or it could not be opened.</exception>
    public static bool IsInUse(string path, out string? by)
    {
        var status = RequireBlockDevice(path, DeviceRole.Source);
        by = DeviceUsage.OfBlockDevice(status);
        if (by is not null)
        {
            return true;
        }

        // What can not be named shows when the device is asked for alone; the question is withdrawn at once.
        var errno = OpenPatiently(path, LibC.ReadOnly | LibC.Exclusive, out var probe);
        probe?.Dispose();
        if (errno == Errno.Busy)
        {
            by = CauseOfBusy(path);
            return true;
        }

        return errno == 0 ? false : throw LinuxError.Open(DeviceRole.Source, "open", path, errno);
    }

    /// <inheritdoc/>
    public override string StableId => BlockSysfs.StableIdOf(_status.NodeNumber);

    /// <inheritdoc/>
    public override bool MayCountZeroingTwice => true;

    /// <inheritdoc/>
    /// <remarks>A block device tells no holes: everything may be data.</remarks>
    public override Extent NextData(long offsetBytes)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, offsetBytes, 0);
        return new Extent(offsetBytes, LengthBytes - offsetBytes);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// What others wrote through the page cache is counted only when it is written back, so that is done first: an
    /// fdatasync of the node, whoever dirtied it. A partition: see <see cref="BlockSysfs.SectorsWrittenTo"/>.
    /// </remarks>
    /// <exception cref="DeviceException">The kernel does not count what is written to the device (<see cref="ErrorId.WritesUncounted"/>), or it could not be asked.</exception>
    public override ChangeEvidence ReadEvidence()
    {
        Flush();
        var sectors = IsCounted() ? BlockSysfs.SectorsWrittenTo(_status.NodeNumber) : null;
        return new ChangeEvidence(
            $"{BootId.Read()} {_status.NodeNumber} diskseq {DiskSequence()}",
            sectors ?? throw Uncounted(),
            Stamp: ""
        );
    }

    /// <summary>Where the device says no (see <see cref="BlockSysfs.IsSaidToBeCounted"/>) a read of our own shows whether it does.</summary>
    private bool IsCounted()
    {
        var number = _status.NodeNumber;
        if (BlockSysfs.IsSaidToBeCounted(number) || LengthBytes == 0)
        {
            return true;
        }

        var before = BlockSysfs.SectorsRead(number);
        Read(0, new byte[UnitBytes]);
        return BlockSysfs.SectorsRead(number) > before;
    }

    private DeviceException Uncounted() =>
        LinuxError.Refuse(
            ErrorId.WritesUncounted,
            $"the kernel does not count what is written to the {LinuxError.SideOf(Role)}",
            Name,
            "without that nobody can tell whether somebody else wrote it meanwhile",
            $"echo 1 > {BlockSysfs.CountingSwitchOf(_status.NodeNumber)}"
        );

    /// <summary>Reads the logical block, changes part of it, writes it back.</summary>
    private protected override void WriteEdge(long offsetBytes, ReadOnlySpan<byte> data)
    {
        var inside = (int)(offsetBytes % UnitBytes);
        var block = offsetBytes - inside;
        var bounce = RentBounce();
        try
        {
            // Callers may write two parts of one block at the same time; each must see the other's bytes.
            lock (_edges)
            {
                fixed (byte* memory = bounce.Span)
                {
                    ReadDirect(block, memory, UnitBytes, least: UnitBytes);
                }

                data.CopyTo(bounce.Span[inside..]);
                WriteBounced(block, bounce, UnitBytes);
            }
        }
        finally
        {
            ReturnBounce(bounce);
        }
    }

    private static LinuxBlockDevice Open(string path, int flags, DeviceRole role)
    {
        var errno = OpenPatiently(path, flags, out var file);
        if (errno != 0)
        {
            throw LinuxError.Open(role, "open", path, errno, errno == Errno.Busy ? CauseOfBusy(path) : null);
        }

        try
        {
            // The name may lead elsewhere by now: what was opened is what counts.
            var status = RequireBlockDevice(NativeFile.Stat(file!, out var opened), opened, path, role);
            return new LinuxBlockDevice(file!, path, role, status);
        }
        catch
        {
            file!.Dispose();
            throw;
        }
    }

    private static Statx RequireBlockDevice(string path, DeviceRole role) =>
        RequireBlockDevice(NativeFile.Stat(path, out var status), status, path, role);

    private static Statx RequireBlockDevice(int errno, in Statx status, string path, DeviceRole role)
    {
        if (errno != 0)
        {
            throw LinuxError.Open(role, "statx", path, errno);
        }

        return status.IsBlockDevice
            ? status
            : throw LinuxError.Refuse(
                LinuxError.MissingId(role),
                $"the {LinuxError.SideOf(role)} is no block device",
                path,
                $"it is {status.Describe()}",
                "name a block device"
            );
    }

    /// <summary>Opens, and waits a little for a holder that can not be named, and so may be one for an instant.</summary>
    private static int OpenPatiently(string path, int flags, out SafeFileHandle? file)
    {
        SafeFileHandle? opened = null;
        var errno = 0;
        Patience.Until(() =>
        {
            errno = NativeFile.Open(path, flags, mode: 0, out opened);
            return errno != Errno.Busy
                || (
                    NativeFile.Stat(path, out var status) == 0
                    && DeviceUsage.OfBlockDevice(status) is not null
                );
        });
        file = opened;
        return errno;
    }

    private static string CauseOfBusy(string path) =>
        NativeFile.Stat(path, out var status) == 0 && DeviceUsage.OfBlockDevice(status) is { } user
            ? user
            : "held by another process";

    private void RefuseReadOnly()
    {
        int readOnly;
        var errno = NativeFile.ErrnoOf(LibC.Control(File, LibC.BlkRoGet, &readOnly));
        if (errno != 0)
        {
            throw LinuxError.Open(Role, "BLKROGET", Name, errno);
        }

        if (readOnly != 0)
        {
            throw LinuxError.Open(
                Role,
                "BLKROGET",
                Name,
                Errno.ReadOnlyFileSystem,
                "the kernel has it read-only"
            );
        }
    }

    private void RefuseLoop()
    {
        if (DeviceUsage.LoopOver(_status) is { } loop)
        {
            throw LinuxError.Open(
                Role,
                "open",
                Name,
                Errno.Busy,
                $"it is the backing device of {loop.Device}"
            );
        }
    }

    private ulong DiskSequence()
    {
        ulong sequence;
        var errno = NativeFile.ErrnoOf(LibC.Control(File, LibC.BlkGetDiskSeq, &sequence));
        return errno switch
        {
            0 => sequence,
            // Linux before 5.15 has none: the boot id and the counter must do.
            Errno.NotTerminal or Errno.Invalid => 0,
            // Any other number would speak of another device.
            _ => throw LinuxError.Transfer(
                Role,
                "BLKGETDISKSEQ",
                Name,
                offsetBytes: 0,
                lengthBytes: -1,
                errno
            ),
        };
    }

    private static long LengthOf(SafeFileHandle file, string path, DeviceRole role)
    {
        ulong length;
        return LibC.Control(file, LibC.BlkGetSize64, &length) == 0
            ? (long)length
            : throw LinuxError.Open(role, "BLKGETSIZE64", path, Marshal.GetLastPInvokeError());
    }

    private static int LogicalBlockOf(SafeFileHandle file, string path, DeviceRole role)
    {
        int length;
        if (LibC.Control(file, LibC.BlkSszGet, &length) != 0)
        {
            throw LinuxError.Open(role, "BLKSSZGET", path, Marshal.GetLastPInvokeError());
        }

        return length <= AlignedBuffer.AlignmentBytes
            ? length
            : throw LinuxError.Refuse(
                role == DeviceRole.Source ? ErrorId.SourceIo : ErrorId.TargetIo,
                $"the {LinuxError.SideOf(role)} has logical blocks of {length} bytes",
                path,
                $"rsyncfs works with pages of {AlignedBuffer.AlignmentBytes} bytes",
                "use a device with smaller logical blocks"
            );
    }
}
