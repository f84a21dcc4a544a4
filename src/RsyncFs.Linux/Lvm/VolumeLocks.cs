using RsyncFs.Errors;
using RsyncFs.Linux.State;

namespace RsyncFs.Linux.Lvm;

/// <summary>
/// Keeps runs on the same volume apart while snapshots of it are taken and removed: the one would hold its writers while
/// the other asks LVM for something that LVM must not be asked for then.
/// </summary>
internal sealed class VolumeLocks : IDisposable
{
    private static readonly TimeSpan Patience = 3 * WriterHold.Limit;

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
                taken._locks.Add(MachineLock.Take($"volume-{uuid}", Patience));
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
}
