using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>The delta is whole. With no record at all the source is unchanged, and no generation is made.</summary>
/// <param name="RecordCount">Records sent since the cycle began.</param>
/// <param name="Chain">The chain over them.</param>
/// <param name="Root">The root digest of the whole device as it must be now.</param>
/// <param name="IsFuzzy">True if the source was in use while it was read.</param>
public sealed record EndOfDelta(long RecordCount, Digest Chain, Digest Root, bool IsFuzzy) : Message;
