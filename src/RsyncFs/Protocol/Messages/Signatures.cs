namespace RsyncFs.Protocol.Messages;

/// <summary>The signatures of one group of the target. One answer a group, in the order of the <see cref="SignatureQuery"/>.</summary>
/// <param name="Group">The group.</param>
/// <param name="Entries">For each block its weak checksum (4 bytes) and its digest.</param>
public sealed record Signatures(long Group, ReadOnlyMemory<byte> Entries) : Message;
