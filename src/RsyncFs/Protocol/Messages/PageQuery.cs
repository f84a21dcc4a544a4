namespace RsyncFs.Protocol.Messages;

/// <summary>Asks for the page hashes of some blocks of the target.</summary>
/// <param name="Blocks">The blocks, ascending.</param>
public sealed record PageQuery(IReadOnlyList<long> Blocks) : Message;
