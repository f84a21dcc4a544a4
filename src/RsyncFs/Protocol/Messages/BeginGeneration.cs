using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>Begins a cycle. Sender to receiver; answered by the first <see cref="Credit"/>.</summary>
/// <remarks>
/// <code>
/// length field
///     16 generation; zero if nothing will be written
///     16 parent; zero if the target is at none
///      1 plan, u8
///      1 apply mode, u8
///      8 data time, i64: Unix milliseconds
///      1 reads target, 0 or 1
///     16 resumed: the generation again if its delta is gone on with; zero if it is begun
///      8 resumed: records that are not sent again, i64
/// 16, 32 resumed: the chain over them
///      8 resumed: first block that may still come, i64; for a first copy, all before it are on the device
/// </code>
/// </remarks>
/// <param name="Generation">The id of the generation to come; zero if the session writes nothing.</param>
/// <param name="Parent">The generation that the target must be at; zero if it is at none.</param>
/// <param name="Plan">How the changes are found.</param>
/// <param name="ApplyMode">How the delta is brought onto the target; fixed for the cycle.</param>
/// <param name="DataTime">When the source was as it is sent.</param>
/// <param name="ReadsTarget">True if the target is to be read whatever is believed of it: the comparison by schedule.</param>
/// <param name="Resumed">Where an interrupted delta is gone on with.</param>
/// <param name="FirstBlock">The first block that may still come then.</param>
public sealed record BeginGeneration(
    Guid Generation,
    Guid Parent,
    Plan Plan,
    ApplyMode ApplyMode,
    DateTimeOffset DataTime,
    bool ReadsTarget = false,
    DeltaPosition Resumed = default,
    long FirstBlock = 0
) : Message
{
    internal override MessageType Type => MessageType.BeginGeneration;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        writer.WriteGuid(Generation);
        writer.WriteGuid(Parent);
        writer.WriteByte((byte)Plan);
        writer.WriteByte((byte)ApplyMode);
        writer.WriteTime(DataTime);
        writer.WriteBoolean(ReadsTarget);
        ArgumentNullException.ThrowIfNull(format);
        PositionFields.Write(writer, Resumed, format.DigestLength);
        writer.WriteInt64(FirstBlock);
    }

    internal static BeginGeneration Read(ref MessageReader reader)
    {
        var layout = reader.Format.Layout;
        var begin = new BeginGeneration(
            reader.Bytes.ReadGuid(),
            reader.Bytes.ReadGuid(),
            reader.ReadEnum<Plan>(),
            reader.ReadEnum<ApplyMode>(),
            reader.Bytes.ReadTime(),
            reader.Bytes.ReadBoolean(),
            PositionFields.Read(ref reader, reader.Format.DigestLength),
            reader.ReadInt64(0, layout.BlockCount)
        );
        return begin.Resumed.IsNone || begin.Resumed.Generation == begin.Generation
            ? begin
            : throw new InvalidDataException("a delta that goes on with another");
    }
}
