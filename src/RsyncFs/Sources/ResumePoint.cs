using RsyncFs.Blocks;
using RsyncFs.Devices;

namespace RsyncFs.Sources;

/// <summary>How far a delta got, as its sender remembers it (C17). Good only for the very source that it was made of.</summary>
/// <param name="Position">The place in the delta; the receiver said that all before it is durable.</param>
/// <param name="Parent">The generation that the target was at; zero if at none.</param>
/// <param name="FirstBlock">Every changed block before this one is in the delta before the place.</param>
/// <param name="Plan">How the changes were found.</param>
/// <param name="DataTime">When the source was as it is sent.</param>
/// <param name="Evidence">The source's write evidence then.</param>
public sealed record ResumePoint(
    DeltaPosition Position,
    Guid Parent,
    long FirstBlock,
    Plan Plan,
    DateTimeOffset DataTime,
    ChangeEvidence Evidence
)
{
    internal void Write(ByteWriter writer)
    {
        writer.WriteGuid(Position.Generation);
        writer.WriteInt64(Position.RecordCount);
        writer.WriteDigest(Position.Chain, Digest.MaxLengthBytes);
        writer.WriteGuid(Parent);
        writer.WriteInt64(FirstBlock);
        writer.WriteByte((byte)Plan);
        writer.WriteTime(DataTime);
        EvidenceFields.Write(writer, Evidence);
    }

    /// <exception cref="InvalidDataException">It is of no generation, or a number is out of its range.</exception>
    internal static ResumePoint Read(ref ByteReader reader)
    {
        var point = new ResumePoint(
            new DeltaPosition(
                reader.ReadGuid(),
                reader.ReadCount(),
                reader.ReadDigest(Digest.MaxLengthBytes)
            ),
            reader.ReadGuid(),
            reader.ReadCount(),
            (Plan)reader.ReadByte(),
            reader.ReadTime(),
            EvidenceFields.Read(ref reader)
        );
        return point.Position.IsNone || !Enum.IsDefined(point.Plan)
            ? throw new InvalidDataException(
                $"a resume point of generation {point.Position.Generation:N}, plan {(byte)point.Plan}"
            )
            : point;
    }
}
