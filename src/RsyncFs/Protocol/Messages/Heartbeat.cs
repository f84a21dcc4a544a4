using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>Sent by both ends when nothing else was for a while.</summary>
/// <remarks>
/// <code>
/// length field
///      1 phase, u8
///      8 progress, i64
/// </code>
/// </remarks>
/// <param name="Phase">What the end is busy with.</param>
/// <param name="Progress">A number that grows while it gets anywhere.</param>
public sealed record Heartbeat(SessionPhase Phase, long Progress) : Message
{
    internal override MessageType Type => MessageType.Heartbeat;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        writer.WriteByte((byte)Phase);
        writer.WriteInt64(Progress);
    }

    internal static Heartbeat Read(ref MessageReader reader) =>
        new(reader.ReadEnum<SessionPhase>(), reader.Bytes.ReadInt64());
}
