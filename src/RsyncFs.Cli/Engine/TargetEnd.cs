using RsyncFs.Devices;
using RsyncFs.Linux.Devices;
using RsyncFs.Linux.State;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine;

/// <summary>A target with its state locked; its device is held exclusively unless it was promoted or released.</summary>
internal sealed class TargetEnd : IDisposable
{
    private readonly StateLock _lock;

    private TargetEnd(Target target, string devicePath, TargetPermissions allowed, StateLock stateLock)
    {
        Target = target;
        DevicePath = devicePath;
        Allowed = allowed;
        _lock = stateLock;
    }

    /// <summary>The target.</summary>
    public Target Target { get; }

    /// <summary>The absolute path of its device or image.</summary>
    public string DevicePath { get; }

    /// <summary>What is allowed for it.</summary>
    public TargetPermissions Allowed { get; }

    /// <summary>Locks the state, opens the device exclusively unless it was given up, and settles what it is.</summary>
    /// <param name="name">The name by which senders ask for it.</param>
    /// <param name="path">The device or image.</param>
    /// <param name="stateDirectory">Its own directory of state files.</param>
    /// <param name="allowed">What the receiver's side allows.</param>
    /// <param name="services">What the machine gives.</param>
    /// <exception cref="Errors.DeviceException">The device is not there, in use, read-only or can not be opened. It is as it was.</exception>
    /// <exception cref="Errors.RefusedException">Another process has the state.</exception>
    /// <exception cref="Errors.StateException">The state can not be read.</exception>
    public static TargetEnd Open(
        string name,
        string path,
        string stateDirectory,
        TargetPermissions allowed,
        Services services
    )
    {
        var devicePath = Path.GetFullPath(path);
        var directory = LinuxDurableDirectory.OpenRoot(stateDirectory);
        var stateLock = StateLock.Take(directory.Name);
        try
        {
            var policy = new TargetPolicy(allowed.Init, () => KnownSignature.Find(path))
            {
                OversizedMode = allowed.Journal.OversizedMode,
                JournalLimitBytes = allowed.Journal.LimitBytes,
                KeepFreeBytes = allowed.Journal.KeepFreeBytes,
                CommandName = StateLayout.IsOfLocalTarget(directory.Name) ? devicePath : null,
            };
            var target = new Target(name, () => DeviceOpener.OpenTarget(path), directory, policy, services);
            try
            {
                Remember(target, devicePath, directory, allowed);
            }
            catch
            {
                target.Dispose();
                throw;
            }

            return new TargetEnd(target, devicePath, allowed, stateLock);
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

    /// <summary>
    /// Notes where the device is, for verbs that are called while nobody serves it; not if another device lies there
    /// than the state is of, unless that is to take its place.
    /// </summary>
    private static void Remember(
        Target target,
        string devicePath,
        LinuxDurableDirectory directory,
        TargetPermissions allowed
    )
    {
        var stableId = target.HoldsDevice ? target.Device.StableId : DeviceIdentity.StableIdOf(devicePath);
        var mayReplace = target.HoldsDevice && allowed.Init == InitPolicy.Overwrite;
        if (mayReplace || target.Record?.MayBeOn(stableId) != false)
        {
            var isLocal = StateLayout.IsOfLocalTarget(directory.Name);
            new KnownDevice(devicePath, stableId).Save(
                directory,
                isLocal ? KnownDevice.NotedBySync : KnownDevice.NotedByServe
            );
        }
    }
}
