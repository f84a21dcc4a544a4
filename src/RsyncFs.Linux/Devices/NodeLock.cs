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
    // udev itself holds the lock while it probes a device that has just appeared: that is over in an instant.
    private const int AttemptCount = 20;
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(100);

    /// <summary>Takes the lock, which goes with the descriptor.</summary>
    /// <exception cref="Errors.DeviceException">Another process holds it, and kept holding it for two seconds.</exception>
    public static void Take(SafeFileHandle file, string path)
    {
        for (var attempt = 1; ; attempt++)
        {
            var errno = NativeFile.ErrnoOf(LibC.Lock(file, LibC.LockExclusive | LibC.LockNonBlocking));
            switch (errno)
            {
                case 0:
                    return;
                case Errno.TryAgain when attempt < AttemptCount:
                    Thread.Sleep(BetweenAttempts);
                    break;
                case Errno.TryAgain:
                    throw LinuxError.Open(
                        DeviceRole.Target,
                        "flock",
                        path,
                        Errno.Busy,
                        "another process holds the lock on it"
                    );
                case Errno.Interrupted:
                    break;
                default:
                    throw LinuxError.Open(DeviceRole.Target, "flock", path, errno);
            }
        }
    }
}
