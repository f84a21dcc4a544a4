using RsyncFs.Blocks;

namespace RsyncFs.Protocol;

/// <summary>A place in a delta as it stands in a message.</summary>
/// <remarks>
/// <code>
/// length field
///     16 generation; zero for no place at all
///      8 record count, i64
/// 16, 32 chain
/// </code>
/// </remarks>
internal static class PositionFields
{
    /// <summary>Appends <paramref name="position"/>.</summary>
    public static void Write(ByteWriter writer, DeltaPosition position, int digestLength)
    {
        writer.WriteGuid(position.Generation);
        writer.WriteInt64(position.RecordCount);
        writer.WriteDigest(position.Chain, digestLength);
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidDataException">It counts less than nothing, or is no place and counts something.</exception>
    public static DeltaPosition Read(ref MessageReader reader, int digestLength)
    {
        var position = new DeltaPosition(
            reader.Bytes.ReadGuid(),
            reader.ReadCount(),
            reader.Bytes.ReadDigest(digestLength)
        );
        return position.IsNone && position != default
            ? throw new InvalidDataException("a place in the delta of no generation")
            : position;
    }
}
