using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>Answer to <see cref="Hello"/>.</summary>
/// <remarks>
/// <code>
/// length field
///      2 version, u16
/// string software, at most 128 bytes
/// string node, at most 128 bytes
/// </code>
/// </remarks>
/// <param name="Version">The protocol version of this session.</param>
/// <param name="Software">Program and version, for logs only.</param>
/// <param name="Node">The receiver's name of itself, for logs only.</param>
public sealed record Welcome(ushort Version, string Software, string Node) : Message
{
    internal override MessageType Type => MessageType.Welcome;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        writer.WriteUInt16(Version);
        writer.WriteString(Software, ProtocolLimits.NameBytes);
        writer.WriteString(Node, ProtocolLimits.NameBytes);
    }

    internal static Welcome Read(ref MessageReader reader) =>
        new(reader.Bytes.ReadUInt16(), reader.ReadName(), reader.ReadName());
}
