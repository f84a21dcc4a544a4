using System.Diagnostics;
using RsyncFs.Errors;
using RsyncFs.Linux.State;

namespace RsyncFs.Linux.Lvm;

/// <summary>
/// Keeps runs on the same volume apart while snapshots of it are taken and removed: the one would hold its writers while
/// the other asks LVM for something that LVM must not be asked for then.
/// </summary>
internal sealed class VolumeLocks : IDisposable
{
    private readonly List<StateLock> _locks = [];

    /// <summary>Waits for the locks of the volumes with these uuids.</summary>
    /// <exception cref="RefusedException">Another run has one of them for longer than a snapshot takes.</exception>
    public static VolumeLocks Take(IEnumerable<string> uuids)
    {
        var taken = new VolumeLocks();
        try
        {
            // In one order, so that no two wait for each other.
            foreach (var uuid in uuids.Where(uuid => uuid.Length > 0).Order(StringComparer.Ordinal))
            {
                taken._locks.Add(Take(uuid));
            }

            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _locks.ForEach(one => one.Dispose());

    private static StateLock Take(string uuid)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return StateLock.Take(
                    LinuxDurableDirectory.OpenRoot($"/run/lock/rsyncfs/volume-{uuid}").Name
                );
            }
            catch (RefusedException busy)
                when (busy.Id == ErrorId.Locked && Stopwatch.GetElapsedTime(begun) < 3 * WriterHold.Limit)
            {
                Thread.Sleep(200);
            }
        }
    }
}
