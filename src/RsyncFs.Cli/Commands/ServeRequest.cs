using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Engine;

namespace RsyncFs.Cli.Commands;

/// <summary>What <c>serve</c> was asked to do.</summary>
internal sealed record ServeRequest
{
    /// <summary>Where to wait for senders; of no meaning with <see cref="StdioPeer"/>.</summary>
    public required ListenAddress Listen { get; init; }

    /// <summary>The name of the one sender that is at the other end of standard input and output; null to wait for senders.</summary>
    public string? StdioPeer { get; init; }

    /// <summary>True if a person said so, and it is not the default.</summary>
    public bool IsListenGiven { get; init; }

    /// <summary>The targets, each name and each path once; none with <see cref="StdioPeer"/>: those of the receiver that runs.</summary>
    public required IReadOnlyList<TargetDefinition> Targets { get; init; }

    /// <summary>Where this end keeps its state.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>This machine's key, and whom it knows.</summary>
    public required KeyFiles Keys { get; init; }

    /// <summary>True if unencrypted connections from other machines are allowed.</summary>
    public required bool AllowPlaintext { get; init; }

    /// <summary>The control socket.</summary>
    public required string SocketPath { get; init; }

    /// <summary>How updates reach the targets.</summary>
    public required JournalPolicy Journal { get; init; }
}
