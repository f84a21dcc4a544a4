using RsyncFs.Blocks;

namespace RsyncFs.Protocol;

/// <summary>A sender's lineage as it stands in a message.</summary>
/// <remarks>
/// <code>
/// length field
///      8 epoch, u64: not zero, below 2^63
///     16 cursor; zero if there is none
///     16 proposed; zero if there is none
///      1 number of ancestors, u8: 0 to 12
///     16 each ancestor, newest first
/// </code>
/// </remarks>
internal static class LineageFields
{
    /// <summary>Appends <paramref name="lineage"/>.</summary>
    public static void Write(ByteWriter writer, SourceLineage lineage)
    {
        writer.WriteUInt64(lineage.Epoch);
        writer.WriteGuid(lineage.Cursor);
        writer.WriteGuid(lineage.Proposed);
        writer.WriteByte((byte)lineage.Ancestors.Count);
        foreach (var ancestor in lineage.Ancestors)
        {
            writer.WriteGuid(ancestor);
        }
    }

    /// <summary>Reads one lineage.</summary>
    /// <exception cref="InvalidDataException">The epoch is zero or 2^63 or more, or there are more ancestors than anybody remembers.</exception>
    public static SourceLineage Read(ref ByteReader reader)
    {
        var epoch = SourceLineage.ReadEpoch(ref reader);
        var cursor = reader.ReadGuid();
        var proposed = reader.ReadGuid();
        var count = reader.ReadByte();
        if (count > SourceLineage.MaxAncestorCount)
        {
            throw new InvalidDataException($"a lineage with {count} ancestors");
        }

        var ancestors = new Guid[count];
        for (var i = 0; i < count; i++)
        {
            ancestors[i] = reader.ReadGuid();
        }

        return new SourceLineage(epoch, cursor, proposed, ancestors);
    }
}
