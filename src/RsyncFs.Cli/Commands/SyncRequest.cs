using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Commands;

/// <summary>What <c>sync</c> was asked to do, checked as far as the command line alone can be.</summary>
internal sealed record SyncRequest
{
    /// <summary>The device or image to replicate.</summary>
    public required string SourcePath { get; init; }

    /// <summary>Where to.</summary>
    public required Destination Destination { get; init; }

    /// <summary>Where this end keeps its state.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>True if an unencrypted connection to another machine is allowed.</summary>
    public required bool AllowPlaintext { get; init; }

    /// <summary>True if a source that is in use may be read all the same (<c>--snapshot none</c>).</summary>
    public required bool AllowSourceInUse { get; init; }

    /// <summary>True if a local destination may be overwritten though it bears a signature.</summary>
    public required bool Force { get; init; }

    /// <summary>True if a local image that does not exist is made.</summary>
    public required bool Create { get; init; }

    /// <summary>What to do and how. Whether the source is in use is for the engine to find out.</summary>
    public required ReplicationOptions Options { get; init; }

    /// <summary>True if nothing is to be written.</summary>
    public bool IsDryRun => Options.Purpose == Protocol.Purpose.Estimate;
}
