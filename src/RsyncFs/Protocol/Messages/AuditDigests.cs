namespace RsyncFs.Protocol.Messages;

/// <summary>Answer to an <see cref="AuditQuery"/>.</summary>
/// <param name="Digests">The digests in the order of the query, one behind the other.</param>
public sealed record AuditDigests(ReadOnlyMemory<byte> Digests) : Message;
