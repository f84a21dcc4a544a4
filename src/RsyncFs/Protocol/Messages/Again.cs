using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>
/// The end of a session behind which the stream stays, for another that begins with a Hello: said by the sender in place
/// of <see cref="Bye"/>, from version 4 on, and said back by a receiver that keeps the stream. One that does not says Bye.
/// </summary>
/// <remarks>
/// <code>
/// length field
///      8 bytes read, i64
/// </code>
/// </remarks>
/// <param name="BytesRead">From the receiver: bytes read from the target in the session. From the sender: 0.</param>
public sealed record Again(long BytesRead) : Message
{
    internal override MessageType Type => MessageType.Again;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        writer.WriteInt64(BytesRead);
    }

    internal static Again Read(ref MessageReader reader) => new(reader.ReadCount());
}
