using RsyncFs.Access;
using RsyncFs.Blocks;
using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Configuration;

/// <summary>One place that a job's device is replicated to.</summary>
/// <param name="Name">What people call it: the receiver's name, or the path of a local device or image.</param>
/// <param name="Where">The address.</param>
internal sealed record JobDestination(string Name, Destination Where)
{
    /// <summary>The key that the receiver must have; null to look it up in the list of peers.</summary>
    public KeyFingerprint? Pin { get; init; }

    /// <summary>How it is reached through ssh.</summary>
    public SshSettings Ssh { get; init; } = SshSettings.Default;

    /// <summary>True if an unencrypted connection to another machine is allowed.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>How what is sent there is compressed; null as the job says.</summary>
    public Compression? Compression { get; init; }

    /// <summary>How fast may be sent there.</summary>
    public RateSchedule Rates { get; init; } = RateSchedule.Unlimited;
}
