using RsyncFs.Blocks;

namespace RsyncFs.Journals;

/// <summary>What the sender says when the delta is whole.</summary>
/// <param name="Root">The root digest of the whole device as it must be now.</param>
/// <param name="IsFuzzy">True if the source was in use while it was read.</param>
public sealed record GenerationEnd(Digest Root, bool IsFuzzy);
