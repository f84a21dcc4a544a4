using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>Names the target and shows the source. Sender to receiver.</summary>
/// <remarks>
/// <code>
/// length field
///      1 purpose, u8
/// string target, 1 to 128 bytes
///      1 number of devices of the source, 1 to 64, u8
///  n * 8 bytes of each, i64
///     29 volume: see VolumeFields
///      1 is new volume, 0 or 1
///        lineage: see LineageFields
/// </code>
/// </remarks>
/// <param name="Purpose">What the session is for.</param>
/// <param name="Target">The target's name at the receiver.</param>
/// <param name="Shape">The devices that the source consists of.</param>
/// <param name="Volume">The volume that the source is.</param>
/// <param name="IsNewVolume">True if the sender never replicated this source: the volume was made up for this session, and the target's own is as good.</param>
/// <param name="Lineage">What the sender knows of the generations at this destination.</param>
public sealed record OpenTarget(
    Purpose Purpose,
    string Target,
    SetShape Shape,
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
        writer.WriteByte((byte)Shape.Members.Count);
        foreach (var member in Shape.Members)
        {
            writer.WriteInt64(member.LengthBytes);
        }

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

        return new OpenTarget(
            purpose,
            target,
            ReadShape(ref reader),
            VolumeFields.Read(ref reader.Bytes),
            reader.Bytes.ReadBoolean(),
            LineageFields.Read(ref reader.Bytes)
        );
    }

    private static SetShape ReadShape(ref MessageReader reader)
    {
        var lengths = new long[reader.Bytes.ReadByte()];
        for (var i = 0; i < lengths.Length; i++)
        {
            lengths[i] = reader.ReadInt64(0, BlockLayout.MaxLengthBytes);
        }

        try
        {
            return new SetShape(lengths);
        }
        catch (ArgumentException nonsense)
        {
            throw new InvalidDataException(nonsense.Message, nonsense);
        }
    }
}
