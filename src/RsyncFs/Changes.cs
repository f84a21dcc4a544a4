using RsyncFs.Blocks;
using RsyncFs.Delta;

namespace RsyncFs;

/// <summary>What differs between source and target, and what the target has there.</summary>
/// <param name="Blocks">The blocks that differ.</param>
/// <param name="Base">The target's signatures of those blocks.</param>
internal sealed record Changes(BlockSet Blocks, BaseSignatures Base);
