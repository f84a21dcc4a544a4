using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>The end of a session: said by the sender, said back by the receiver. A stream that ends without it was cut.</summary>
/// <remarks>
/// <code>
/// length field
///      8 bytes read, i64
/// </code>
/// </remarks>
/// <param name="BytesRead">From the receiver: bytes read from the target in the session. From the sender: 0.</param>
public sealed record Bye(long BytesRead) : Message
{
    internal override MessageType Type => MessageType.Bye;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        writer.WriteInt64(BytesRead);
    }

    internal static Bye Read(ref MessageReader reader) => new(reader.ReadCount());
}
