using RsyncFs.Blocks;

namespace RsyncFs.Devices;

/// <summary>Evidence as it stands in files: identity string, sectors i64, stamp string.</summary>
internal static class EvidenceFields
{
    private const int MaxTextBytes = 1024;

    /// <summary>Appends <paramref name="evidence"/>.</summary>
    public static void Write(ByteWriter writer, ChangeEvidence evidence)
    {
        writer.WriteString(evidence.Identity, MaxTextBytes);
        writer.WriteInt64(evidence.SectorsWritten);
        writer.WriteString(evidence.Stamp, MaxTextBytes);
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidDataException">It makes no sense.</exception>
    public static ChangeEvidence Read(ref ByteReader reader) =>
        new(reader.ReadString(MaxTextBytes), reader.ReadInt64(), reader.ReadString(MaxTextBytes));
}
