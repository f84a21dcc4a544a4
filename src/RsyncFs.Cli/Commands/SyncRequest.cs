using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Commands;

/// <summary>What <c>sync</c> was asked to do.</summary>
internal sealed record SyncRequest : SenderRequest
{
    /// <summary>True if a local destination may be overwritten though it bears a signature.</summary>
    public required bool Force { get; init; }

    /// <summary>True if a local image that does not exist is made.</summary>
    public required bool Create { get; init; }

    /// <summary>The file with the list of what changed; <c>-</c> is standard input, null if there is none.</summary>
    public required string? ChangesPath { get; init; }

    /// <summary>How an update reaches a local destination; a receiver has its own word.</summary>
    public required JournalPolicy Journal { get; init; }

    /// <summary>What the run may take before it is ended in good order; null for what it needs. May be shared with others.</summary>
    public RunBudget? Budget { get; init; }

    /// <summary>True if nothing is to be written.</summary>
    public bool IsDryRun => Options.Purpose == Protocol.Purpose.Estimate;
}
