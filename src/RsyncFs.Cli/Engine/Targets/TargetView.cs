using RsyncFs.Errors;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>What is known of one target, looked at without changing or locking anything.</summary>
/// <param name="Place">Where its state lies.</param>
/// <param name="Record">What it is; null if it was never initialised, or that can not be read.</param>
/// <param name="Device">Where its device was found last; null if that is not known.</param>
/// <param name="Error">Why its state can not be read; null if it can.</param>
internal sealed record TargetView(
    TargetPlace Place,
    TargetRecord? Record,
    KnownDevice? Device,
    RsyncFsException? Error
)
{
    /// <summary>True if the receiver that looks serves it.</summary>
    public bool IsServed { get; init; }

    /// <summary>The sender that is at work on it; null if none is, or nobody can tell.</summary>
    public SessionPeer? Peer { get; init; }

    /// <summary>The path of its device, or null.</summary>
    public string? DevicePath => Device?.Path ?? (Place.Name.StartsWith('/') ? Place.Name : null);

    /// <summary>Looks at the files.</summary>
    public static TargetView Read(TargetPlace place)
    {
        if (!Directory.Exists(place.Path))
        {
            return new TargetView(place, Record: null, Device: null, Error: null);
        }

        KnownDevice? device = null;
        try
        {
            var directory = place.Open();
            device = KnownDevice.Load(
                directory,
                place.IsLocal ? KnownDevice.NotedBySync : KnownDevice.NotedByServe
            );
            if (place.IsLocal && device is not null)
            {
                place = place with { Name = device.Path };
            }

            return new TargetView(place, TargetRecord.Load(directory), device, Error: null);
        }
        catch (StateException error)
        {
            return new TargetView(place, Record: null, device, error);
        }
    }
}
