using Microsoft.Win32.SafeHandles;
using RsyncFs.Devices;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Devices;

/// <summary>
/// flock(2) on what is written: the agreement by which udev leaves a device alone while its owner writes
/// (https://systemd.io/BLOCK_DEVICE_LOCKING/), and by which two of us keep off one image.
/// </summary>
internal static class NodeLock
{
    /// <summary>Takes the lock, which goes with the descriptor.</summary>
    /// <exception cref="Errors.DeviceException">Another process holds it, and kept holding it for two seconds.</exception>
    public static void Take(SafeFileHandle file, string path)
    {
        var errno = 0;
        Patience.Until(() =>
        {
            errno = NativeFile.ErrnoOf(LibC.Lock(file, LibC.LockExclusive | LibC.LockNonBlocking));
            return errno is not (Errno.TryAgain or Errno.Interrupted);
        });
        if (errno == Errno.TryAgain)
        {
            const string Cause = "another process holds the lock on it";
            throw LinuxError.Open(DeviceRole.Target, "flock", path, Errno.Busy, Cause);
        }

        if (errno != 0)
        {
            throw LinuxError.Open(DeviceRole.Target, "flock", path, errno);
        }
    }
}
