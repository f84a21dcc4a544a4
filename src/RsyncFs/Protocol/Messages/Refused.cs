using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>The receiver will not go on. A generation of which it said <see cref="Durable"/> is not lost by it; nothing else was made one. Ends the session.</summary>
/// <remarks>
/// <code>
/// length field
/// string error id, at most 128 bytes
/// string text, at most 1024 bytes
/// string where, at most 1024 bytes
/// string cause, at most 1024 bytes
/// string hint, at most 1024 bytes
/// </code>
/// </remarks>
/// <param name="ErrorId">The class of the error, in kebab case.</param>
/// <param name="Text">What happened.</param>
/// <param name="Where">Target and device, or empty.</param>
/// <param name="Cause">What the system said, or empty.</param>
/// <param name="Hint">What to do, or empty.</param>
public sealed record Refused(string ErrorId, string Text, string Where, string Cause, string Hint) : Message
{
    internal override MessageType Type => MessageType.Refused;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        writer.WriteString(ErrorId, ProtocolLimits.NameBytes);
        writer.WriteString(Text, ProtocolLimits.TextBytes);
        writer.WriteString(Where, ProtocolLimits.TextBytes);
        writer.WriteString(Cause, ProtocolLimits.TextBytes);
        writer.WriteString(Hint, ProtocolLimits.TextBytes);
    }

    internal static Refused Read(ref MessageReader reader) =>
        new(
            reader.ReadName(),
            reader.Bytes.ReadString(ProtocolLimits.TextBytes),
            reader.Bytes.ReadString(ProtocolLimits.TextBytes),
            reader.Bytes.ReadString(ProtocolLimits.TextBytes),
            reader.Bytes.ReadString(ProtocolLimits.TextBytes)
        );
}
