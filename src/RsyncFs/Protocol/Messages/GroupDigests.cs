namespace RsyncFs.Protocol.Messages;

/// <summary>Digests of consecutive groups of the target, in order. The receiver sends them all, unasked, in a cycle that compares.</summary>
/// <param name="FirstGroup">The group of the first digest.</param>
/// <param name="Digests">The digests, one behind the other.</param>
public sealed record GroupDigests(long FirstGroup, ReadOnlyMemory<byte> Digests) : Message;
