using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.Linux.State;
using RsyncFs.Sources;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>
/// What the senders of this machine know of one device, by whatever path they read it; no sync of it can run
/// meanwhile. Usually there is one or none.
/// </summary>
internal sealed class KnownSources : IDisposable
{
    private readonly List<(SourceState State, StateLock Lock)> _sources = [];

    private KnownSources() { }

    /// <summary>What the device is a copy of, if it was a source here; null if it never was replicated.</summary>
    public KnownCopy? Copy => CopyOf(_sources.Select(source => source.State));

    /// <summary>Locks what is known.</summary>
    /// <exception cref="RefusedException">A sync of it is running.</exception>
    /// <exception cref="StateException">It can not be read.</exception>
    public static KnownSources Open(string stateDirectory, string devicePath)
    {
        var known = new KnownSources();
        try
        {
            foreach (var path in Find(stateDirectory, devicePath))
            {
                var directory = LinuxDurableDirectory.OpenRoot(path);
                var stateLock = StateLock.Take(directory.Name);
                try
                {
                    known._sources.Add((SourceState.Load(directory), stateLock));
                }
                catch
                {
                    stateLock.Dispose();
                    throw;
                }
            }

            return known;
        }
        catch
        {
            known.Dispose();
            throw;
        }
    }

    /// <summary>Durably ends the device's life as a source.</summary>
    /// <exception cref="StateException">Some may be retired, others not; saying it again does the rest.</exception>
    public void Retire()
    {
        foreach (var (state, _) in _sources)
        {
            state.Retire();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, stateLock) in _sources)
        {
            stateLock.Dispose();
        }
    }

    private static KnownCopy? CopyOf(IEnumerable<SourceState> states) =>
        states.Where(state => state.Volume is not null).MaxBy(state => state.Epoch)
            is { Volume: { } volume } state
            ? new KnownCopy(volume, state.Epoch)
            : null;

    /// <summary>The state of the very path first; then those of other paths that lead to the same device.</summary>
    private static IEnumerable<string> Find(string stateDirectory, string devicePath)
    {
        var own = StateLayout.OfSource(stateDirectory, devicePath);
        var all = Path.GetDirectoryName(own)!;
        if (!Directory.Exists(all))
        {
            return [];
        }

        var others = LinuxDurableDirectory
            .OpenRoot(all)
            .List()
            .Select(name => Path.Combine(all, name))
            .Where(path => !string.Equals(path, own, StringComparison.Ordinal) && IsOf(path, devicePath));
        return Directory.Exists(own) ? others.Prepend(own) : others;
    }

    private static bool IsOf(string path, string devicePath)
    {
        try
        {
            return KnownDevice.Load(LinuxDurableDirectory.OpenRoot(path), KnownDevice.NotedBySync)
                    is { } known
                && (
                    DeviceOpener.AreSame(known.Path, devicePath)
                    || (
                        known.StableId.Length > 0
                        && string.Equals(
                            known.StableId,
                            DeviceIdentity.StableIdOf(devicePath),
                            StringComparison.Ordinal
                        )
                    )
                );
        }
        catch (StateException damaged) when (damaged.Id == ErrorId.StateDamaged)
        {
            // What is damaged beside it must not keep a device from being taken in.
            return false;
        }
    }
}
