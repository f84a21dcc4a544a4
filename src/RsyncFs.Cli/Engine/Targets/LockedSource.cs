using RsyncFs.Linux.State;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>What a sender of this machine knows of a device that is, or was, a source; no sync of it can run meanwhile.</summary>
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

    /// <summary>The sender's state for the device at <paramref name="devicePath"/>; null if that never was a source here.</summary>
    /// <exception cref="Errors.RefusedException">A sync of it is running.</exception>
    /// <exception cref="Errors.StateException">It can not be read.</exception>
    public static LockedSource? TryOpen(string stateDirectory, string devicePath) =>
        Directory.Exists(StateLayout.OfSource(stateDirectory, devicePath))
            ? Open(stateDirectory, devicePath)
            : null;

    /// <summary>The same, made if missing.</summary>
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

    /// <summary>What is known, without the lock and without making anything; null if there is nothing.</summary>
    /// <exception cref="Errors.StateException">It can not be read.</exception>
    public static SourceState? Look(string stateDirectory, string devicePath)
    {
        var path = StateLayout.OfSource(stateDirectory, devicePath);
        return Directory.Exists(path) ? SourceState.Load(LinuxDurableDirectory.OpenRoot(path)) : null;
    }

    /// <summary>What a device is a copy of that was a source here; null if it was never replicated.</summary>
    public static KnownCopy? CopyOf(SourceState? state) =>
        state is { Volume: { } volume }
            ? new KnownCopy(volume, state.Epoch, state.Ancestors.Count > 0 ? state.Ancestors[0] : Guid.Empty)
            : null;

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
