using RsyncFs.Blocks;

namespace RsyncFs.Targets;

/// <summary>What an adopted device is said to be a copy of.</summary>
/// <param name="Volume">The volume.</param>
/// <param name="Epoch">The epoch that its sender had.</param>
public sealed record KnownCopy(Volume Volume, ulong Epoch);
