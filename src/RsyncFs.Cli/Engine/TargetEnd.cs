using RsyncFs.Devices;
using RsyncFs.Linux.Devices;
using RsyncFs.Linux.State;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine;

/// <summary>A target, held exclusively, with its state locked.</summary>
internal sealed class TargetEnd : IDisposable
{
    private readonly StateLock _lock;

    private TargetEnd(Target target, StateLock stateLock)
    {
        Target = target;
        _lock = stateLock;
    }

    /// <summary>The target.</summary>
    public Target Target { get; }

    /// <summary>Locks the state, opens the device exclusively and reads what it is.</summary>
    /// <param name="name">The name by which senders ask for it.</param>
    /// <param name="path">The device or image.</param>
    /// <param name="stateDirectory">Its own directory of state files.</param>
    /// <param name="init">Whether it may take a first copy.</param>
    /// <param name="services">What the machine gives.</param>
    /// <exception cref="Errors.DeviceException">The device is not there, in use, read-only or can not be opened. It is as it was.</exception>
    /// <exception cref="Errors.RefusedException">Another process has the state.</exception>
    /// <exception cref="Errors.StateException">The state can not be read.</exception>
    public static TargetEnd Open(
        string name,
        string path,
        string stateDirectory,
        InitPolicy init,
        Services services
    )
    {
        var directory = LinuxDurableDirectory.OpenRoot(stateDirectory);
        var stateLock = StateLock.Take(directory.Name);
        try
        {
            var policy = new TargetPolicy(init, () => KnownSignature.Find(path));
            var target = new Target(name, () => DeviceOpener.OpenTarget(path), directory, policy, services);
            return new TargetEnd(target, stateLock);
        }
        catch
        {
            stateLock.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Target.Dispose();
        _lock.Dispose();
    }
}
