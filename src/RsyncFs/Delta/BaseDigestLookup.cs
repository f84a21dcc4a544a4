using RsyncFs.Blocks;

namespace RsyncFs.Delta;

/// <summary>
/// Tells the strong digest of a whole block of the target's base. False if it is not known, or if there is no such
/// whole block. It may read a disk, and may be called from several threads at once.
/// </summary>
public delegate bool BaseDigestLookup(long blockIndex, out Digest digest);
