using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>What the receiver holds. Answer to <see cref="OpenTarget"/>.</summary>
/// <param name="Status">Whether the target is a whole generation.</param>
/// <param name="Volume">The volume of this session: the sender's, or the target's own where the sender's was new.</param>
/// <param name="Generation">The target's generation; zero unless it is consistent.</param>
/// <param name="Root">The root digest of that generation; zero unless it is consistent.</param>
/// <param name="IsMapTrusted">True if the receiver has a digest map of that generation and evidence that nobody else wrote the device.</param>
/// <param name="DataTime">When the source was as the target is now; the Unix epoch unless it is consistent.</param>
/// <param name="IsFuzzy">True if the generation was copied from a source that was in use.</param>
public sealed record TargetState(
    TargetStatus Status,
    Volume Volume,
    Guid Generation,
    Digest Root,
    bool IsMapTrusted,
    DateTimeOffset DataTime,
    bool IsFuzzy
) : Message;
