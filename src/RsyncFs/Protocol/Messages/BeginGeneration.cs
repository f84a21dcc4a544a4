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
/// </code>
/// </remarks>
/// <param name="Generation">The id of the generation to come; zero if the session writes nothing.</param>
/// <param name="Parent">The generation that the target must be at; zero if it is at none.</param>
/// <param name="Plan">How the changes are found.</param>
/// <param name="ApplyMode">How the delta is brought onto the target; fixed for the cycle.</param>
/// <param name="DataTime">When the source was as it is sent.</param>
public sealed record BeginGeneration(
    Guid Generation,
    Guid Parent,
    Plan Plan,
    ApplyMode ApplyMode,
    DateTimeOffset DataTime
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
    }

    internal static BeginGeneration Read(ref MessageReader reader) =>
        new(
            reader.Bytes.ReadGuid(),
            reader.Bytes.ReadGuid(),
            reader.ReadEnum<Plan>(),
            reader.ReadEnum<ApplyMode>(),
            reader.Bytes.ReadTime()
        );
}
