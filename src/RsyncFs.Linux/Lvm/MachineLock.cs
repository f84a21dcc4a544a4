using RsyncFs.Errors;
using RsyncFs.Linux.State;

namespace RsyncFs.Linux.Lvm;

/// <summary>
/// Locks that all runs of this machine share, whatever their state directory. They are gone after a restart, as are the
/// runs.
/// </summary>
internal static class MachineLock
{
    /// <summary>Their place. Only root can make a directory in /run; in /run/lock anybody could, and with it let root write elsewhere.</summary>
    public const string Place = "/run/rsyncfs-lvm";

    /// <summary>The directory of a lock, and of notes that go with it; made if missing.</summary>
    public static string DirectoryOf(string name) =>
        LinuxDurableDirectory.OpenRoot(Path.Combine(Place, name)).Name;

    /// <summary>Takes the lock called <paramref name="name"/>, as soon as it is free.</summary>
    /// <exception cref="RefusedException">Another run has it for longer than <paramref name="patience"/>.</exception>
    public static StateLock Take(string name, TimeSpan patience) =>
        StateLock.Take(DirectoryOf(name), patience);
}
