using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>Some records of the delta. A block may come again: the later record wins.</summary>
/// <param name="Records">The records, ascending by block within the message.</param>
public sealed record Delta(IReadOnlyList<DeltaRecord> Records) : Message;
