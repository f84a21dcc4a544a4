using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>First message of a session, sender to receiver.</summary>
/// <remarks>
/// <code>
/// length field
///      8 magic: 52 53 46 53 0D 0A 1A 0A
///      2 oldest version, u16
///      2 newest version, u16
/// string software, at most 128 bytes
/// string node, at most 128 bytes
/// </code>
/// </remarks>
/// <param name="MinVersion">The oldest protocol version the sender speaks.</param>
/// <param name="MaxVersion">The newest.</param>
/// <param name="Software">Program and version, for logs only.</param>
/// <param name="Node">The sender's name of itself, for logs only.</param>
public sealed record Hello(ushort MinVersion, ushort MaxVersion, string Software, string Node) : Message
{
    // Not text that anybody types, with line ends that a careless copy would turn around (PNG, 5.2, has the idea).
    private static ReadOnlySpan<byte> Magic => "RSFS\r\n\u001A\n"u8;

    internal override MessageType Type => MessageType.Hello;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        writer.WriteBytes(Magic);
        writer.WriteUInt16(MinVersion);
        writer.WriteUInt16(MaxVersion);
        writer.WriteString(Software, ProtocolLimits.NameBytes);
        writer.WriteString(Node, ProtocolLimits.NameBytes);
    }

    internal static Hello Read(ref MessageReader reader)
    {
        if (!reader.Bytes.ReadBytes(Magic.Length).SequenceEqual(Magic))
        {
            throw new InvalidDataException("it does not begin as a hello of rsyncfs does");
        }

        var minVersion = reader.Bytes.ReadUInt16();
        var maxVersion = reader.Bytes.ReadUInt16();
        return minVersion <= maxVersion
            ? new Hello(minVersion, maxVersion, reader.ReadName(), reader.ReadName())
            : throw new InvalidDataException($"versions from {minVersion} to {maxVersion}");
    }
}
