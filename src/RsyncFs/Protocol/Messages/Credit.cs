using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>The receiver has room for this many more bytes of <see cref="DeltaBatch"/> payload.</summary>
/// <remarks>
/// <code>
/// length field
///      8 bytes, i64: 1 to 2^40
/// </code>
/// </remarks>
/// <param name="Bytes">How many more.</param>
public sealed record Credit(long Bytes) : Message
{
    internal override MessageType Type => MessageType.Credit;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        writer.WriteInt64(Bytes);
    }

    internal static Credit Read(ref MessageReader reader) =>
        new(reader.ReadInt64(1, ProtocolLimits.CreditBytes));
}
