using RsyncFs.Targets;

namespace RsyncFs.Cli.Json;

/// <summary>What has come of a transfer that is not whole, up to its last checkpoint.</summary>
/// <param name="Generation">The generation that it would make.</param>
/// <param name="Records">Changed blocks and runs of zeros that are there.</param>
/// <param name="Bytes">What they take in the journal; missing for a first copy, which is written in place.</param>
internal sealed record InterruptedEntry(string Generation, long Records, long? Bytes)
{
    /// <summary>What is shown of <paramref name="transfer"/>.</summary>
    public static InterruptedEntry Of(InterruptedTransfer transfer) =>
        new(transfer.Generation.ToString("N"), transfer.RecordCount, transfer.JournalBytes);
}
