using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>Names the target and shows the source. Sender to receiver.</summary>
/// <remarks>
/// <code>
/// length field
///      1 purpose, u8
/// string target, 1 to 128 bytes
///      8 bytes of the source, i64
///     29 volume: see VolumeFields
///      1 is new volume, 0 or 1
///        lineage: see LineageFields
/// </code>
/// </remarks>
/// <param name="Purpose">What the session is for.</param>
/// <param name="Target">The target's name at the receiver.</param>
/// <param name="LengthBytes">Bytes of the source.</param>
/// <param name="Volume">The volume that the source is.</param>
/// <param name="IsNewVolume">True if the sender never replicated this source: the volume was made up for this session, and the target's own is as good.</param>
/// <param name="Lineage">What the sender knows of the generations at this destination.</param>
public sealed record OpenTarget(
    Purpose Purpose,
    string Target,
    long LengthBytes,
    Volume Volume,
    bool IsNewVolume,
    SourceLineage Lineage
) : Message
{
    internal override MessageType Type => MessageType.OpenTarget;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        writer.WriteByte((byte)Purpose);
        writer.WriteString(Target, ProtocolLimits.NameBytes);
        writer.WriteInt64(LengthBytes);
        VolumeFields.Write(writer, Volume);
        writer.WriteBoolean(IsNewVolume);
        LineageFields.Write(writer, Lineage);
    }

    internal static OpenTarget Read(ref MessageReader reader)
    {
        var purpose = reader.ReadEnum<Purpose>();
        var target = reader.ReadName();
        if (target.Length == 0)
        {
            throw new InvalidDataException("a target without a name");
        }

        var lengthBytes = reader.ReadInt64(0, BlockLayout.MaxLengthBytes);
        return new OpenTarget(
            purpose,
            target,
            lengthBytes,
            VolumeFields.Read(ref reader.Bytes),
            reader.Bytes.ReadBoolean(),
            LineageFields.Read(ref reader.Bytes)
        );
    }
}
