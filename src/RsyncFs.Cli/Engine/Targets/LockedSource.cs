using RsyncFs.Linux.State;
using RsyncFs.Sources;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>The state of the source that a device becomes; no sync of it can run meanwhile.</summary>
internal sealed class LockedSource : IDisposable
{
    private readonly StateLock _lock;

    private LockedSource(SourceState state, StateLock stateLock)
    {
        State = state;
        _lock = stateLock;
    }

    /// <summary>It.</summary>
    public SourceState State { get; }

    /// <summary>The sender's state for the device at <paramref name="devicePath"/>, made if missing.</summary>
    /// <exception cref="Errors.RefusedException">A sync of it is running.</exception>
    /// <exception cref="Errors.StateException">It can not be read, or not be made.</exception>
    public static LockedSource Open(string stateDirectory, string devicePath)
    {
        var directory = LinuxDurableDirectory.OpenRoot(StateLayout.OfSource(stateDirectory, devicePath));
        var stateLock = StateLock.Take(directory.Name);
        try
        {
            return new LockedSource(SourceState.Load(directory), stateLock);
        }
        catch
        {
            stateLock.Dispose();
            throw;
        }
    }

    /// <summary>The same without making anything; null if there is nothing.</summary>
    /// <exception cref="Errors.RefusedException">A sync of it is running.</exception>
    /// <exception cref="Errors.StateException">It can not be read.</exception>
    public static LockedSource? TryOpen(string stateDirectory, string devicePath) =>
        Directory.Exists(StateLayout.OfSource(stateDirectory, devicePath))
            ? Open(stateDirectory, devicePath)
            : null;

    /// <summary>What is known, without the lock and without making anything; null if there is nothing.</summary>
    /// <exception cref="Errors.StateException">It can not be read.</exception>
    public static SourceState? Look(string stateDirectory, string devicePath)
    {
        var path = StateLayout.OfSource(stateDirectory, devicePath);
        return Directory.Exists(path) ? SourceState.Load(LinuxDurableDirectory.OpenRoot(path)) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
