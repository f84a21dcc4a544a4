namespace RsyncFs.Blocks;

/// <summary>What a cycle compresses by, and why.</summary>
/// <param name="Used">What it is: never <see cref="CompressionKind.Auto"/>.</param>
/// <param name="Reason">Why, in words for the report.</param>
public sealed record CompressionChoice(Compression Used, string Reason)
{
    /// <summary>True if another was asked for that one of the two ends does not have.</summary>
    public bool IsSubstitute { get; init; }
}
