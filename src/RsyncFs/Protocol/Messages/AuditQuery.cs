using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>Asks for digests of some blocks, read from the target device now.</summary>
/// <remarks>
/// <code>
/// length field
///   rest blocks: see BlockListFields; at most 1024
/// </code>
/// </remarks>
/// <param name="Blocks">The blocks, ascending.</param>
public sealed record AuditQuery(IReadOnlyList<long> Blocks) : Message
{
    internal override MessageType Type => MessageType.AuditQuery;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        BlockListFields.Write(writer, Blocks);
    }

    internal static AuditQuery Read(ref MessageReader reader) =>
        new(BlockListFields.Read(ref reader, ProtocolLimits.AuditBlockCount));
}
