using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>A block did not prove; the sender must send it whole.</summary>
/// <remarks>
/// <code>
/// length field
///      8 block, i64
/// </code>
/// </remarks>
/// <param name="BlockIndex">The block.</param>
public sealed record BlockRefused(long BlockIndex) : Message
{
    internal override MessageType Type => MessageType.BlockRefused;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        writer.WriteInt64(BlockIndex);
    }

    internal static BlockRefused Read(ref MessageReader reader) => new(reader.ReadBlock());
}
