using RsyncFs.Errors;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>A target that a verb has to itself until this is disposed of.</summary>
/// <param name="end">The target, leased.</param>
/// <param name="isServed">True if it is the receiver's and stays with it; false if it was opened for this verb.</param>
internal sealed class TargetAccess(TargetEnd end, bool isServed) : IDisposable
{
    /// <summary>The target.</summary>
    public Target Target => end.Target;

    /// <summary>The absolute path of its device.</summary>
    public string DevicePath => end.DevicePath;

    /// <summary>True if the receiver that serves it lent it.</summary>
    public bool IsServed => isServed;

    /// <summary>Opens a target that nobody serves.</summary>
    /// <exception cref="RsyncFsException">It can not be had.</exception>
    public static TargetAccess Open(TargetPlace place, string devicePath, Devices.Services services)
    {
        var end = TargetEnd.Open(place.Name, devicePath, place.Path, TargetPermissions.None, services);
        try
        {
            end.Target.Lease();
            return new TargetAccess(end, isServed: false);
        }
        catch
        {
            end.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Target.Release();
        if (!isServed)
        {
            end.Dispose();
        }
    }
}
