using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>
/// What the receiver decodes besides raw bytes and LZ4. Receiver to sender, before <see cref="TargetState"/>, from
/// version 3 on, if there is anything.
/// </summary>
/// <remarks>
/// <code>
/// length field
///      1 codecs, u8: bit 2 zstd, set; all others 0
/// </code>
/// </remarks>
/// <param name="Set">The codecs: zstd.</param>
public sealed record Codecs(CodecSet Set) : Message
{
    internal override MessageType Type => MessageType.Codecs;

    internal override void Write(ByteWriter writer, SessionFormat? format) => writer.WriteByte((byte)Set);

    internal static Codecs Read(ref MessageReader reader)
    {
        var set = (CodecSet)reader.Bytes.ReadByte();
        return set == CodecSet.Zstd
            ? new Codecs(set)
            : throw new InvalidDataException($"codecs {(byte)set:x2}");
    }
}
