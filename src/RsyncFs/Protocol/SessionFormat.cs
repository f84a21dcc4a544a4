using RsyncFs.Blocks;

namespace RsyncFs.Protocol;

/// <summary>What both ends know once a target is open, and what some messages need to be read: block and digest lengths are never fields on the wire.</summary>
/// <param name="Layout">How the device is cut.</param>
/// <param name="DigestLength">Bytes of a digest.</param>
public sealed record SessionFormat(BlockLayout Layout, int DigestLength);
