using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>The target is the generation, and will be after a power cut. The only word on which a sender reports success.</summary>
/// <remarks>
/// <code>
/// length field
///     16 generation
///      8 bytes read, i64
///      8 bytes written, i64
/// </code>
/// </remarks>
/// <param name="Generation">The generation that the target is at: a new one, or the old if nothing changed.</param>
/// <param name="BytesRead">Bytes the receiver read from the target in this cycle.</param>
/// <param name="BytesWritten">Bytes it wrote or zeroed.</param>
public sealed record Applied(Guid Generation, long BytesRead, long BytesWritten) : Message
{
    internal override MessageType Type => MessageType.Applied;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        writer.WriteGuid(Generation);
        writer.WriteInt64(BytesRead);
        writer.WriteInt64(BytesWritten);
    }

    internal static Applied Read(ref MessageReader reader) =>
        new(reader.Bytes.ReadGuid(), reader.ReadCount(), reader.ReadCount());
}
