using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>Asks for the page hashes of some blocks of the target.</summary>
/// <remarks>
/// <code>
/// length field
///   rest blocks: see BlockListFields; at most 4096, with at most 15360 pages if all were whole
/// </code>
/// </remarks>
/// <param name="Blocks">The blocks, ascending.</param>
public sealed record PageQuery(IReadOnlyList<long> Blocks) : Message
{
    internal override MessageType Type => MessageType.PageQuery;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        BlockListFields.Write(writer, Blocks);
    }

    internal static PageQuery Read(ref MessageReader reader) =>
        new(BlockListFields.Read(ref reader, ProtocolLimits.PageQueryBlockCount(reader.Format.Layout)));
}
