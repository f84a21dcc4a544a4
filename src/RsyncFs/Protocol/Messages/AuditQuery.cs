namespace RsyncFs.Protocol.Messages;

/// <summary>Asks for digests of some blocks, read from the target device now.</summary>
/// <param name="Blocks">The blocks, ascending.</param>
public sealed record AuditQuery(IReadOnlyList<long> Blocks) : Message;
