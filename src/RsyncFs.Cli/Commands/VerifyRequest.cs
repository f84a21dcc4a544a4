using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Commands;

/// <summary>What <c>verify</c> was asked to do.</summary>
internal sealed record VerifyRequest
{
    /// <summary>The device or image that is the truth.</summary>
    public required string SourcePath { get; init; }

    /// <summary>What is compared with it.</summary>
    public required Destination Destination { get; init; }

    /// <summary>Where this end keeps its state.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>True if an unencrypted connection to another machine is allowed.</summary>
    public required bool AllowPlaintext { get; init; }

    /// <summary>True if a source that is in use may be read all the same (<c>--snapshot none</c>).</summary>
    public required bool AllowSourceInUse { get; init; }

    /// <summary>The target's name and the purpose.</summary>
    public required ReplicationOptions Options { get; init; }
}
