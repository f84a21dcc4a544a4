using RsyncFs.Access;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Engine;

namespace RsyncFs.Cli.Commands;

/// <summary>What a verb with a source and a destination was asked to do, checked as far as the command line alone can be.</summary>
internal abstract record SenderRequest
{
    /// <summary>The device or image to read.</summary>
    public required string SourcePath { get; init; }

    /// <summary>The other one.</summary>
    public required Destination Destination { get; init; }

    /// <summary>Where this end keeps its state.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>This machine's key, and whom it knows.</summary>
    public required KeyFiles Keys { get; init; }

    /// <summary>The key that the receiver must have, whoever is known; null to look it up by its host.</summary>
    public required KeyFingerprint? Pin { get; init; }

    /// <summary>How a receiver is reached through ssh.</summary>
    public SshSettings Ssh { get; init; } = SshSettings.Default;

    /// <summary>True if an unencrypted connection to another machine is allowed.</summary>
    public required bool AllowPlaintext { get; init; }

    /// <summary>How fast may be sent.</summary>
    public RateControl Rate { get; init; } = new(RateSchedule.Unlimited);

    /// <summary>How the source is read.</summary>
    public required SnapshotSettings Snapshot { get; init; }

    /// <summary>What to do and how. Whether the source is in use is for the engine to find out.</summary>
    public required ReplicationOptions Options { get; init; }
}
